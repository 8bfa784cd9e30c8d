/** `premortem drill`: both acts, their files, and the table at the end. */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pc from 'picocolors'
import { systemClock } from '../../adapters/system/clock.ts'
import { Problem } from '../../base/problem.ts'
import type { Clock } from '../../base/time.ts'
import { toIso } from '../../base/time.ts'
import { RECORD_2024 } from '../../core/rehearse/record-2024.ts'
import type { DrillResult } from '../../core/rehearse/result.ts'
import { SCENARIOS } from '../../core/rehearse/scenarios/index.ts'
import type { Script } from '../../core/rehearse/script.ts'
import { createScope, Interrupted, orAbort, type Scope } from '../scope.ts'
import { playAct } from './act.ts'
import type { ActRun } from './acting.ts'
import { checkFirst, overriddenBy } from './check-first.ts'
import { examplePaths } from './example.ts'
import { createLive, type Live } from './live.ts'
import { forgetOldCurves, forgetOldDrills } from './old-drills.ts'
import type { DrillOptions } from './options.ts'
import { preflight } from './preflight.ts'
import { finalTable, numbersLines, writeDrillFiles } from './report/index.ts'
import { setStage } from './stage.ts'
import { summarise } from './summarise.ts'

const FINDINGS = 1

/**
 * Runs a drill. Nothing that it started is running when it returns, however it ends.
 * @param folder where the servers, the cache and the results are kept, relative to the working directory
 * @returns the exit code: 0 when every number was met, 1 when one was missed
 * @throws Problem what a person can act on; Interrupted when a person stopped it
 */
export async function runDrill(options: DrillOptions, folder: string): Promise<number> {
  const out = options.json ? process.stderr : process.stdout
  const colour = out.isTTY === true && process.env.NO_COLOR === undefined
  const live = createLive(out, colour)
  const scope = createScope()
  const release = listenToSignals(scope, live)
  try {
    const result = await drill(options, { folder: resolve(folder), live, scope, clock: systemClock() })
    live.close()
    if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    else printResult(result, out, colour)
    return result.passed ? 0 : FINDINGS
  } finally {
    live.close()
    const stopped = scope.signal.aborted
    const failures = await scope.close(stopped ? (what) => live.line(`ended ${what}`, null, 'quiet') : undefined)
    for (const failure of failures) live.line(failure, null, 'bad')
    if (scope.signal.reason instanceof Interrupted && failures.length === 0)
      live.line('Nothing is left running; the cached data is kept.')
    release()
  }
}

/** The first signal stops the drill in order; a second one leaves at once (the guardians and pipes end the rest). */
function listenToSignals(scope: Scope, live: Live): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (signal: NodeJS.Signals) => {
    if (scope.signal.aborted) process.exit(130)
    live.close()
    live.phase('Stopping: ending what the drill started. Once more to leave at once.')
    scope.abort(new Interrupted(signal))
  }
  for (const signal of signals) process.on(signal, onSignal)
  return () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
}

interface Surroundings {
  readonly folder: string
  readonly live: Live
  readonly scope: Scope
  readonly clock: Clock
}

async function drill(options: DrillOptions, around: Surroundings): Promise<DrillResult> {
  const { folder, live, scope, clock } = around
  const script = scriptOf(options.scenario)
  const startedAt = clock.now()
  const name = `drill-${toIso(startedAt).replaceAll(/[-:]|\.\d+Z$/g, '')}`
  const results = join(folder, 'drills', name)
  await preflight(folder, options.rows)
  const kept = await forgetOldDrills(join(folder, 'drills'))
  await mkdir(results, { recursive: true })
  live.phase(`${script.title}`)
  const example = examplePaths()
  const stage = await setStage({ folder, rows: options.rows, script, example, clock, live, scope })
  await orAbort(scope, forgetOldCurves(stage.ledgerUrl, kept))
  const shared = {
    script,
    pace: options.pace,
    seed: options.seed,
    rows: options.rows,
    stage,
    example,
    clock,
    live,
    scope,
  }
  const play = (act: ActRun['act'], overridden: readonly string[]) =>
    playAct({ ...shared, act, overridden, environment: `${name}-${act}`, logFolder: join(results, 'logs', act) })
  const unguarded = await play('unguarded', [])
  const check = await checkFirst({ folder, script, example, clock, live, scope })
  const guarded = await play('guarded', overriddenBy(check))
  const result = summarise({
    drill: name,
    options,
    script,
    example,
    startedAt,
    finishedAt: clock.now(),
    folder: results,
    check,
    unguarded,
    guarded,
  })
  await writeDrillFiles({
    folder: results,
    result,
    record: RECORD_2024,
    acts: { unguarded: filed(unguarded), guarded: filed(guarded) },
  })
  return result
}

const filed = (run: ActRun) => ({ events: run.events, series: run.series, clock: run.scenario })

function scriptOf(id: string): Script {
  const script = SCENARIOS.find((candidate) => candidate.id === id)
  if (!script) {
    throw new Problem({
      code: 'unknown-scenario',
      what: `There is no scenario '${id}'.`,
      remedy: 'Leave the name out.',
    })
  }
  return script
}

function printResult(result: DrillResult, out: NodeJS.WriteStream, colour: boolean): void {
  const paint = pc.createColors(colour)
  const lines = [
    '',
    ...finalTable(result, RECORD_2024, { colour }),
    '',
    ...numbersLines(result, { colour }),
    '',
    result.passed ? paint.green('Every number was met.') : paint.red('Not every number was met.'),
    `Report      ${result.reportPath}`,
    `Postmortem  ${result.postmortemPath}`,
    '',
  ]
  out.write(`${lines.join('\n')}\n`)
}
