/**
 * An open-loop load generator: arrivals come on the schedule and never wait for answers, as customers do not.
 *
 * G1 Latency counts from the intended send time, so neither a stalled server nor a stalled generator hides anything.
 * G2 At most `maxInFlight` requests are under way; an arrival beyond that is dropped and counts as failed.
 * G3 Every request ends: answered, or failed at its deadline, with its signal aborted.
 * G4 Memory does not grow with the number of requests.
 */
import type { Prng } from '../../base/prng.ts'
import { Problem } from '../../base/problem.ts'
import { type Clock, type DurationMs, type EpochMs, epochMs, ms } from '../../base/time.ts'
import type { LoadProfile, RequestOutcome } from '../../core/rehearse/load.ts'
import type { LatencySummary } from '../../core/rehearse/result.ts'
import { type Arrival, arrivals } from '../../core/rehearse/schedule.ts'
import { latencyHistogram, type Percentiles } from './histogram.ts'
import type { Operation, OperationAnswer } from './operation.ts'
import { type RecentTraffic, recentTraffic } from './recent.ts'
import { perform, Underway } from './request.ts'
import { type LoadCounts, type OperationSummary, tallies } from './tally.ts'

/** A tenth of the usual 200 ms objective: sent later than that, the generator itself shapes the figures. */
const DEFAULT_MAX_SEND_LAG = ms(20)
/** Requests sent without letting answers in, when the generator has to catch up. */
const MAX_BURST_PER_TURN = 100
/** Timers of Node are whole milliseconds; what is left is waited for turn by turn. */
const TIMER_GRAIN_MS = 1
/** What a live view shows: short enough to follow an incident, long enough for a percentile. */
const RECENT_SECONDS = 5

/** What is sent, by whom, and who is told. */
export interface LoadOptions {
  readonly profile: LoadProfile
  readonly prng: Prng
  /** One for each operation of the profile, by name. */
  readonly operations: Readonly<Record<string, Operation>>
  readonly clock: Clock
  /** Called once for each arrival, when it has ended. Must not throw. */
  readonly onOutcome?: (outcome: RequestOutcome) => void
  /** p99 of the send lag above which the generator calls itself saturated. Default 20 ms. */
  readonly maxSendLag?: DurationMs
}

/** A load so far. */
export interface LoadSnapshot extends LoadCounts {
  readonly inFlight: number
  readonly latencyMs: LatencySummary
  /** How late requests left, against the schedule. */
  readonly sendLagMs: Percentiles
  /** The generator could not keep its schedule: its own lag is in the figures. */
  readonly saturated: boolean
  readonly recent: RecentTraffic
}

/** A load from its first arrival to the end of its last. */
export interface LoadSummary extends OperationSummary {
  readonly startedAt: EpochMs
  /** When the last arrival had ended. */
  readonly finishedAt: EpochMs
  readonly sendLagMs: Percentiles
  readonly saturated: boolean
  readonly operations: Readonly<Record<string, OperationSummary>>
}

/** A load that is being sent. */
export interface RunningLoad {
  snapshot(): LoadSnapshot
  /** No more arrivals; resolves when those under way have ended, at the latest after the time-out. Idempotent. */
  stop(): Promise<LoadSummary>
}

/**
 * Starts sending at once.
 * @throws Problem `invalid-load-profile` when the profile is wrong or names an operation that is not given.
 */
export function startLoad(options: LoadOptions): RunningLoad {
  const missing = options.profile.operations.find(({ operation }) => !Object.hasOwn(options.operations, operation))
  if (missing) {
    throw new Problem({
      code: 'invalid-load-profile',
      what: `The load profile sends "${missing.operation}", which this traffic does not know.`,
      where: 'operations',
      remedy: `Use ${Object.keys(options.operations).join(', ')}.`,
    })
  }
  return new Generator(options, arrivals(options.profile, options.prng)).start()
}

class Generator {
  readonly #options: LoadOptions
  readonly #arrivals: Iterator<Arrival, never>
  readonly #tallies = tallies()
  readonly #recent = recentTraffic(RECENT_SECONDS)
  readonly #lag = latencyHistogram()
  /** In the order of sending, so the first is the next to reach its deadline. */
  readonly #underway = new Set<Underway>()
  readonly #stopping = new AbortController()
  /** Aborted when nothing is left to do. */
  readonly #done = new AbortController()
  readonly #start: number
  readonly #startedAt: EpochMs
  #next: Arrival
  #finishedAt: EpochMs
  #summary: Promise<LoadSummary> | null = null

  constructor(options: LoadOptions, stream: Iterator<Arrival, never>) {
    this.#options = options
    this.#arrivals = stream
    this.#next = stream.next().value
    this.#start = options.clock.monotonic()
    this.#startedAt = options.clock.now()
    this.#finishedAt = this.#startedAt
  }

  start(): RunningLoad {
    const sending = this.#send()
    const watching = this.#watchDeadlines()
    return {
      snapshot: () => this.#snapshot(),
      stop: () => {
        this.#summary ??= this.#end([sending, watching])
        return this.#summary
      },
    }
  }

  async #send(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stopping
    // The caller has its `RunningLoad` in hand before the first request is sent.
    await Promise.resolve()
    while (!signal.aborted) {
      const now = clock.monotonic()
      const wait = this.#start + this.#next.offset - now
      if (wait <= 0) {
        this.#sendDue(now)
        await nextTurn()
      } else if (wait >= TIMER_GRAIN_MS) {
        await clock.sleep(ms(Math.floor(wait)), signal)
      } else {
        await nextTurn()
      }
    }
  }

  #sendDue(now: number): void {
    for (let sent = 0; sent < MAX_BURST_PER_TURN && this.#start + this.#next.offset <= now; sent++) {
      const arrival = this.#next
      this.#next = this.#arrivals.next().value
      if (this.#underway.size >= this.#options.profile.maxInFlight) this.#drop(arrival)
      else this.#begin(arrival)
    }
  }

  #begin(arrival: Arrival): void {
    const { clock, operations, profile } = this.#options
    const sent = clock.monotonic()
    const request = new Underway(arrival, {
      start: this.#start,
      startedAt: this.#startedAt,
      sent,
      timeout: profile.timeout,
    })
    this.#lag.record(ms(sent - request.intended))
    this.#underway.add(request)
    perform(operations[arrival.operation], request).then((answer) => this.#answered(request, answer))
  }

  #drop(arrival: Arrival): void {
    const at = this.#options.clock.monotonic()
    const intendedAt = epochMs(this.#startedAt + arrival.offset)
    this.#record(at, {
      operation: arrival.operation,
      intendedAt,
      sentAt: null,
      finishedAt: this.#wall(at),
      latency: ms(at - this.#start - arrival.offset),
      status: null,
      result: 'dropped',
      servedBy: null,
      error: `over ${this.#options.profile.maxInFlight} under way`,
    })
  }

  /** An answer after the deadline is too late: the request has been counted (G3). */
  #answered(request: Underway, answer: OperationAnswer): void {
    if (!this.#underway.delete(request)) return
    this.#finish(request, answer)
  }

  #finish(request: Underway, answer: OperationAnswer): void {
    const at = this.#options.clock.monotonic()
    this.#record(at, {
      operation: answer.operation ?? request.operation,
      intendedAt: request.intendedAt,
      sentAt: this.#wall(request.sent),
      finishedAt: this.#wall(at),
      latency: ms(at - request.intended),
      status: answer.status,
      result: answer.result,
      servedBy: answer.servedBy,
      error: answer.error,
    })
    if (this.#stopping.signal.aborted && this.#underway.size === 0) this.#done.abort()
  }

  #record(at: number, outcome: RequestOutcome): void {
    this.#tallies.record(outcome)
    this.#recent.record({
      at,
      bad: outcome.result === 'failed' || outcome.result === 'dropped',
      latency: outcome.result === 'dropped' ? null : outcome.latency,
    })
    this.#finishedAt = outcome.finishedAt
    this.#options.onOutcome?.(outcome)
  }

  /** All requests have the same time, so they reach their deadlines in the order of sending. */
  async #watchDeadlines(): Promise<void> {
    const { clock, profile } = this.#options
    const { signal } = this.#done
    while (!signal.aborted) {
      const oldest = this.#underway.values().next().value
      const wait = oldest ? oldest.sent + profile.timeout - clock.monotonic() : profile.timeout
      if (wait > 0) {
        await clock.sleep(ms(wait), signal)
      } else if (oldest) {
        this.#underway.delete(oldest)
        oldest.abort()
        this.#finish(oldest, { status: null, result: 'failed', servedBy: null, error: 'timeout' })
      }
    }
  }

  async #end(loops: readonly Promise<void>[]): Promise<LoadSummary> {
    this.#stopping.abort()
    if (this.#underway.size === 0) this.#done.abort()
    await Promise.all(loops)
    return {
      ...this.#tallies.overall(),
      startedAt: this.#startedAt,
      finishedAt: this.#finishedAt,
      sendLagMs: this.#lag.percentiles(),
      saturated: this.#saturated(),
      operations: this.#tallies.operations(),
    }
  }

  #snapshot(): LoadSnapshot {
    return {
      ...this.#tallies.counts(),
      inFlight: this.#underway.size,
      latencyMs: this.#tallies.latencyMs(),
      sendLagMs: this.#lag.percentiles(),
      saturated: this.#saturated(),
      recent: this.#recent.read(this.#options.clock.monotonic()),
    }
  }

  #saturated(): boolean {
    return this.#lag.at(99) > (this.#options.maxSendLag ?? DEFAULT_MAX_SEND_LAG)
  }

  /** Wall time from the monotonic one, so that all timestamps of a load fit together. */
  #wall(monotonic: number): EpochMs {
    return epochMs(this.#startedAt + (monotonic - this.#start))
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
