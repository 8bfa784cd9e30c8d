/**
 * Makes examples/payments/premortem.snapshot.json anew: release 2.3.0 on its own data under the drill's traffic for a few
 * minutes, then a snapshot as a team would take it of production, with the values replaced.
 *
 * Run: npx node scripts/payments-snapshot.ts   (about five minutes; the drill's cached data is used)
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { takeSnapshot } from '../src/adapters/postgres/snapshot/take.ts'
import { systemClock } from '../src/adapters/system/clock.ts'
import { minutes } from '../src/base/time.ts'
import { withDatabase } from '../src/cli/drill/database.ts'
import { examplePaths } from '../src/cli/drill/example.ts'
import { createLive } from '../src/cli/drill/live.ts'
import { setStage } from '../src/cli/drill/stage.ts'
import { startSystem } from '../src/cli/drill/system.ts'
import { startPaymentTraffic } from '../src/cli/drill/traffic/index.ts'
import { createScope } from '../src/cli/scope.ts'
import { printSnapshot } from '../src/core/check/snapshot-file.ts'
import { SCENARIOS } from '../src/core/rehearse/scenarios/index.ts'
import { trafficShape } from '../src/core/rehearse/traffic-shape.ts'

const ROWS = 2_000_000
const TRAFFIC = minutes(4)
const SEED = 20240315

const [script] = SCENARIOS
if (script === undefined) throw new Error('there is no scenario')
const out = join(import.meta.dirname, '../examples/payments/premortem.snapshot.json')
const clock = systemClock()
const scope = createScope()
const live = createLive(process.stderr, false)
const logFolder = await mkdtemp(join(tmpdir(), 'premortem-snapshot-'))
try {
  const example = examplePaths()
  const stage = await setStage({ folder: resolve('.premortem'), rows: ROWS, script, example, clock, live, scope })
  const { adminUrl, serviceUrl } = await stage.prepareAct()
  const system = await startSystem({
    service: script.service,
    stable: script.stable,
    replicas: script.replicas,
    poolMaxPerReplica: Math.floor(script.poolTotal / script.replicas),
    databaseUrl: serviceUrl,
    example,
    logFolder,
    clock,
    scope,
  })
  const traffic = startPaymentTraffic({
    gatewayUrl: system.gatewayUrl,
    rows: ROWS,
    seed: SEED,
    ...trafficShape({ probe: stage.probe, cores: availableParallelism() }),
    clock,
    onOutcome: () => undefined,
  })
  scope.own('the traffic', () => traffic.abandon())
  live.line(`traffic for ${TRAFFIC / 60_000} minutes`)
  await clock.sleep(TRAFFIC, scope.signal)
  // Nobody analyses by hand in production: autovacuum does, now and then. Here once, so that all tables have statistics.
  await withDatabase(adminUrl, (client) => client.query('analyze'))
  const snapshot = await takeSnapshot({
    connectionString: adminUrl,
    values: 'remap',
    now: clock.now(),
    signal: scope.signal,
    onProgress: (line) => live.line(line),
  })
  await writeFile(out, printSnapshot(snapshot))
  live.line(`written: ${out}`)
} finally {
  for (const failure of await scope.close()) live.line(failure)
  await rm(logFolder, { recursive: true, force: true })
}
