/**
 * Looks at everything once an interval, lets the monitors judge it, and puts on the ledger what they find.
 *
 * W1  Ticks lie on whole intervals of the wall clock and never overlap; one that takes too long skips the next.
 * W2  Monitors note every event of the stream once, in its order, those from before the start included.
 * W3  What a monitor finds is recorded at least once, or reported as lost.
 * W4  No failure of a source, of the sample store, of the ledger or of a monitor ends the loop; each is reported.
 */
import { type Clock, type DurationMs, ms, seconds } from '../base/time.ts'
import type { DatabaseInspector } from '../core/diagnose/ports.ts'
import type { LedgerEvent, Stream } from '../core/events.ts'
import type { Monitor } from '../core/monitor.ts'
import type { SampleStore, Sources } from '../core/watch/ports.ts'
import type { Observation, SeriesPoint } from '../core/watch/samples.ts'
import { createAnswerer } from './answerer.ts'
import { withDeadline } from './deadline.ts'
import type { Engine } from './engine.ts'
import { createRecorder } from './recorder.ts'
import { createWatchers, type Findings } from './watchers.ts'

/** Observations kept for the monitors, whatever the window and the interval. */
const MAX_OBSERVATIONS = 3_600
/** Sources have deadlines of their own, and shorter ones; this is for one that hangs all the same. */
const OBSERVE_DEADLINE = seconds(5)
const SAMPLES_DEADLINE = seconds(5)

/** What `startWatchLoop` needs. */
export interface WatchLoopOptions {
  readonly engine: Pick<Engine, 'append' | 'subscribe' | 'readAll'>
  readonly stream: Stream
  readonly sources: Sources
  readonly samples: Pick<SampleStore, 'append'>
  readonly toPoints: (observation: Observation) => readonly SeriesPoint[]
  readonly inspector: Pick<DatabaseInspector, 'explain'>
  readonly monitors: readonly Monitor<unknown>[]
  readonly clock: Clock
  /** From tick to tick. */
  readonly interval: DurationMs
  /** How far back the observations reach that monitors get; at most MAX_OBSERVATIONS of them. */
  readonly window: DurationMs
  readonly onObservation?: (observation: Observation) => void
  /** What went wrong without ending the loop. */
  readonly onError: (error: unknown) => void
}

/** A running watch. */
export interface WatchLoop {
  /** Resolves when the last tick has ended, at the latest after its deadlines. */
  stop(): Promise<void>
}

/** Begins at the next whole interval, and goes on until it is stopped. */
export function startWatchLoop(options: WatchLoopOptions): WatchLoop {
  const { engine, stream, inspector, clock, onError } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const watchers = createWatchers(options.monitors, onError)
  const recorder = createRecorder(engine, stream, onError)
  const history = followHistory(engine, stream, watchers.note)
  const observe = observing(options, signal)
  const store = storing(options, signal)
  const answerer = createAnswerer({
    inspector,
    clock,
    signal,
    onAnswer: (asked, answer) => follow(watchers.answer(asked, answer)),
    onRefusal: (asked, answer) => {
      const findings = watchers.answer(asked, answer)
      // To ask on would be refused again, for ever.
      const dropped = findings.asked.length
      if (dropped > 0) onError(new Error(`${asked.monitor} has ${dropped} more questions; they are dropped`))
      return recorder.record(findings.facts)
    },
  })
  const follow = (findings: Findings): Promise<void> => {
    answerer.ask(findings.asked)
    return recorder.record(findings.facts)
  }

  const tick = async () => {
    const recent = await observe()
    const newest = recent.at(-1)
    if (newest === undefined) return
    const stored = store(newest)
    show(newest, options)
    await history.catchUp()
    await follow(watchers.look(recent))
    await stored
  }
  const guardedTick = () =>
    tick().catch((error: unknown) => {
      if (!signal.aborted) onError(error)
    })
  const running = everyInterval(options, signal, guardedTick)

  return {
    stop: async () => {
      stopping.abort(new Error('the watch stops'))
      await running
      await answerer.settled()
      // Waits for what is being recorded, and tries once more what was not.
      await recorder.record([])
      history.end()
      if (recorder.unrecorded() > 0) onError(new Error(`${recorder.unrecorded()} facts were not recorded at the stop`))
    },
  }
}

/** A caller's bug must not blind the monitors. */
function show(observation: Observation, { onObservation, onError }: WatchLoopOptions): void {
  try {
    onObservation?.(observation)
  } catch (error) {
    onError(error)
  }
}

/** W1. */
async function everyInterval(
  { clock, interval }: Pick<WatchLoopOptions, 'clock' | 'interval'>,
  signal: AbortSignal,
  tick: () => Promise<void>,
): Promise<void> {
  let last = 0
  while (!signal.aborted) {
    const passed = Math.floor(clock.now() / interval)
    // A timer may fire a little early: then `passed` is still the tick before. After a jump back, count afresh.
    const next = last - passed > 1 ? passed + 1 : Math.max(passed, last) + 1
    await clock.sleep(ms(next * interval - clock.now()), signal)
    last = next
    if (!signal.aborted) await tick()
  }
}

/** W2: reads what came before the subscription, then hears the rest; until they meet, only the reading counts. */
function followHistory(engine: WatchLoopOptions['engine'], stream: Stream, note: (event: LedgerEvent) => void) {
  let noted = 0
  let heard = 0
  let caughtUp = false
  const take = (event: LedgerEvent) => {
    if (event.sequence <= noted) return
    noted = event.sequence
    note(event)
  }
  const end = engine.subscribe((event) => {
    if (event.environment !== stream.environment || event.service !== stream.service) return
    heard = event.sequence
    if (caughtUp) take(event)
  })
  return {
    end,
    catchUp: async () => {
      while (!caughtUp) {
        for (const event of await engine.readAll(stream, noted)) take(event)
        caughtUp = noted >= heard
      }
    },
  }
}

/** Gives the window with the newest observation. While one that hangs has not ended, no other is begun. */
function observing(
  { sources, clock, window }: WatchLoopOptions,
  signal: AbortSignal,
): () => Promise<readonly Observation[]> {
  let recent: readonly Observation[] = []
  const look = oneAtATime('looking at the sources', (late: AbortSignal) => sources.observe(late))
  return async () => {
    const newest = await withDeadline({ clock, after: OBSERVE_DEADLINE, what: 'looking at the sources', signal }, look)
    recent = [...recent.filter((one) => one.at > newest.at - window), newest].slice(-MAX_OBSERVATIONS)
    return recent
  }
}

function storing(
  { samples, stream, toPoints, clock, onError }: WatchLoopOptions,
  signal: AbortSignal,
): (observation: Observation) => Promise<void> {
  const what = 'storing the samples'
  const append = oneAtATime(what, (points: readonly SeriesPoint[]) => samples.append(stream.environment, points))
  return async (observation) => {
    try {
      const points = toPoints(observation)
      await withDeadline({ clock, after: SAMPLES_DEADLINE, what, signal }, () => append(points))
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
  }
}

/** Refuses to begin while the work from before, given up at its deadline, has not ended. */
function oneAtATime<A, T>(what: string, work: (input: A) => Promise<T>): (input: A) => Promise<T> {
  let busy = false
  return async (input) => {
    if (busy) throw new Error(`${what} still hangs from before`)
    busy = true
    try {
      return await work(input)
    } finally {
      busy = false
    }
  }
}
