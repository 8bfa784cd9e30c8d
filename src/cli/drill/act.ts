/** One act: the system, premortem beside it and the traffic, and everything that they leave behind. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createMigrations } from '../../adapters/postgres/migrations/runner.ts'
import { type DurationMs, ms, plus, toSeconds } from '../../base/time.ts'
import { fact, type LedgerEvent, type NewEvent, type Source, type Stream } from '../../core/events.ts'
import { clientCurves } from '../../core/rehearse/client-curves.ts'
import { realTime, type ScenarioClock, scenarioTime } from '../../core/rehearse/scenario.ts'
import { trafficShape } from '../../core/rehearse/traffic-shape.ts'
import { DATABASE_SERIES } from '../../core/watch/points.ts'
import type { SeriesPoint } from '../../core/watch/samples.ts'
import { checkpoint, orAbort } from '../scope.ts'
import type { Acting, ActOptions, ActRun } from './acting.ts'
import { createClientView } from './client-view.ts'
import { startControlPlane } from './control-plane.ts'
import { directGuarded } from './guarded.ts'
import { narrate } from './narrate.ts'
import { brainsOf } from './policies.ts'
import { drainQueue } from './retry-queue.ts'
import { startStatus } from './status.ts'
import { startSystem } from './system.ts'
import { startPaymentTraffic } from './traffic/index.ts'
import { directUnguarded } from './unguarded.ts'

/** Plans, caches and compiled code are in place before the incident's clock starts. */
const WARM_UP: DurationMs = ms(4000)
/** Payments at odds with what a client was told that are named on screen. */
const TOLD_OFFENDERS = 5
const DRIVER: Source = { kind: 'premortem', name: 'drill' }

/** Plays one act from a fresh copy of the data to the reconciliation of its payments. */
export async function playAct(options: ActOptions): Promise<ActRun> {
  const { act, scope, live } = options
  live.phase(act === 'unguarded' ? 'Act 1: as it happened' : 'Act 2: guarded by premortem')
  live.line('a fresh copy of the data, and the services', null, 'quiet')
  const databases = await options.stage.prepareAct()
  const acting = await assemble(options, databases)
  const status = startStatus(acting, act === 'unguarded' ? 'act 1' : 'act 2')
  const endStatus = scope.own('the live view', async () => status.stop())
  try {
    const direct = act === 'unguarded' ? directUnguarded : directGuarded
    await orAbort(scope, direct(acting))
    await orAbort(scope, settleAccounts(acting))
  } finally {
    await endStatus()
  }
  const series = await seriesOf(acting)
  const events = await acting.control.engine.readAll(acting.stream)
  await acting.control.stop()
  await acting.system.stop()
  checkpoint(scope)
  return { act, environment: options.environment, events, series, view: acting.view, scenario: acting.scenario }
}

/** The curves of the service, of its database, and of the traffic's client. */
async function seriesOf({ control, stream, view, scenario }: Acting): Promise<readonly SeriesPoint[]> {
  const { environment } = stream
  const stored = await Promise.all([
    control.samples.read(stream),
    control.samples.read({ environment, service: DATABASE_SERIES }),
  ])
  const counted = view.outcomes.filter((outcome) => outcome.intendedAt >= scenario.startedAt)
  return [...stored.flat(), ...clientCurves(counted)]
}

async function assemble(options: ActOptions, databases: { adminUrl: string; serviceUrl: string }): Promise<Acting> {
  const { script, clock, scope, live, example } = options
  const stream: Stream = { environment: options.environment, service: script.service }
  const system = await startSystem({
    service: script.service,
    stable: script.stable,
    replicas: script.replicas,
    poolMaxPerReplica: Math.floor(script.poolTotal / script.replicas),
    databaseUrl: databases.serviceUrl,
    example,
    logFolder: options.logFolder,
    clock,
    scope,
  })
  const migrations = createMigrations({
    connectionString: databases.adminUrl,
    folderOf: (release) => join(example.releases, release, 'migrations'),
    clock,
  })
  const brains = brainsOf(options)
  const control = await startControlPlane({
    stream,
    ledgerUrl: options.stage.ledgerUrl,
    watchedUrl: databases.adminUrl,
    system,
    migrations,
    ...brains,
    clock,
    scope,
    onTrouble: (text) => {
      if (!scope.signal.aborted) live.line(text, null, 'quiet')
    },
  })
  const view = createClientView()
  const traffic = startPaymentTraffic({
    gatewayUrl: system.gatewayUrl,
    rows: options.rows,
    seed: options.seed,
    ...trafficShape({ probe: options.stage.probe, cores: availableParallelism() }),
    clock,
    onOutcome: (outcome) => view.add(outcome),
  })
  scope.own('the traffic', () => traffic.abandon())
  live.line(`traffic, ${toSeconds(WARM_UP)} s to warm up`, null, 'quiet')
  await clock.sleep(WARM_UP, scope.signal)
  checkpoint(scope)
  return began({ options, stream, system, control, traffic, view, adminUrl: databases.adminUrl })
}

/** Starts the incident's clock. */
async function began(parts: Omit<Acting, 'scenario' | 'events' | 'append' | 'until'>): Promise<Acting> {
  const { options, control, stream } = parts
  const { clock, scope, script, live } = options
  const scenario: ScenarioClock = { startedAt: clock.now(), scenarioStart: script.start, pace: options.pace }
  const events: LedgerEvent[] = []
  control.engine.subscribe((event) => {
    if (event.environment !== stream.environment) return
    events.push(event)
    // Whoever has stopped the drill wants to see it end, and not what it still does.
    if (scope.signal.aborted) return
    const told = narrate(event, events)
    if (told) live.line(told.text, scenarioTime(scenario, event.at), told.tone)
  })
  const append = (facts: readonly NewEvent[]) => control.engine.append(stream, facts)
  await append([
    fact({ at: scenario.startedAt, source: DRIVER }, 'act.started', {
      act: options.act,
      scenario: script.id,
      paceMs: options.pace,
      scenarioStart: script.start,
    }),
  ])
  const until = async (time: string) => {
    await clock.sleep(ms(Math.max(0, realTime(scenario, time) - clock.now())), scope.signal)
    checkpoint(scope)
  }
  return { ...parts, scenario, events, append, until }
}

/** Ends the traffic, follows every payment to its end, and puts the counts on the ledger. */
async function settleAccounts(acting: Acting): Promise<void> {
  const { options, traffic, append, adminUrl } = acting
  const { clock } = options
  const client: Source = { kind: 'client', name: 'traffic' }
  options.live.line('the traffic ends; every payment is followed to its end', null, 'quiet')
  await traffic.stop()
  const drained = await drainQueue(acting)
  if (drained.remaining > 0)
    options.live.line(`${drained.remaining} payments are still in the retry queue`, null, 'bad')
  const counted = await traffic.closeBook(options.scope.signal)
  await append([fact({ at: clock.now(), source: client }, 'traffic.counted', counted)])
  const reconciled = await traffic.reconcile(adminUrl)
  await append([
    fact(
      { at: clock.now(), source: { kind: 'postgres', name: 'reconciliation' } },
      'reconciliation.finished',
      reconciled.counts,
    ),
    fact({ at: plus(clock.now(), ms(0)), source: DRIVER }, 'act.finished', { act: options.act }),
  ])
  const { offenders } = reconciled
  for (const offender of offenders.slice(0, TOLD_OFFENDERS)) options.live.line(offender, null, 'bad')
  const rest = offenders.length - TOLD_OFFENDERS
  if (rest > 0) options.live.line(`and at least ${rest} more such payments`, null, 'bad')
}
