/** From what both acts left behind to the drill's result. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EpochMs, elapsed, toIso, toSeconds } from '../../base/time.ts'
import { measureAct } from '../../core/rehearse/measure.ts'
import { drillNumbers } from '../../core/rehearse/numbers.ts'
import type { DrillCause, DrillCheck, DrillResult } from '../../core/rehearse/result.ts'
import type { Script } from '../../core/rehearse/script.ts'
import type { ActRun } from './acting.ts'
import type { ExamplePaths } from './example.ts'
import type { DrillOptions } from './options.ts'

export interface Played {
  readonly drill: string
  readonly options: DrillOptions
  readonly script: Script
  readonly example: ExamplePaths
  readonly startedAt: EpochMs
  readonly finishedAt: EpochMs
  /** Where the files of this drill are written. */
  readonly folder: string
  readonly check: DrillCheck
  readonly unguarded: ActRun
  readonly guarded: ActRun
}

/** Measures both acts and holds them to the numbers that a drill must show. */
export function summarise(played: Played): DrillResult {
  const { options, script, folder, check } = played
  const measured = (run: ActRun) =>
    measureAct({
      act: run.act,
      environment: run.environment,
      service: script.service,
      badRelease: script.bad,
      outcomes: run.view.outcomes,
      events: run.events,
      series: run.series,
    })
  const acts = { unguarded: measured(played.unguarded), guarded: measured(played.guarded) }
  const numbers = drillNumbers({ ...acts, expectedCause: trueCause(script, played.example), check })
  return {
    scenario: script.id,
    drill: played.drill,
    startedAt: toIso(played.startedAt),
    seconds: Math.round(toSeconds(elapsed({ from: played.startedAt, to: played.finishedAt }))),
    seed: options.seed,
    rows: options.rows,
    paceMs: options.pace,
    check,
    acts,
    numbers,
    passed: numbers.every((number) => number.met),
    resultPath: join(folder, 'result.json'),
    reportPath: join(folder, 'report.html'),
    postmortemPath: join(folder, 'postmortem.md'),
    guardedPostmortemPath: join(folder, 'postmortem-guarded.md'),
    ledgerPath: join(folder, 'ledger.json'),
  }
}

/** Read off the bad release's own files, apart from everything that the diagnosis uses. */
function trueCause(script: Script, example: ExamplePaths): Partial<DrillCause> {
  const folder = join(example.releases, script.bad, 'migrations')
  for (const file of readdirSync(folder).sort()) {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n')
    const at = lines.findIndex((line) => /^\s*drop\s+index\b/i.test(line))
    const index = /drop\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?(\w+)/i.exec(lines[at] ?? '')?.[1]
    if (index)
      return { release: script.bad, index, migrationFile: `${script.bad}/migrations/${file}`, migrationLine: at + 1 }
  }
  throw new Error(`no migration of ${script.bad} drops an index: the scenario does not fit its release`)
}
