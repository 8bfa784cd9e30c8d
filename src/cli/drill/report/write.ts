/** Writes what a drill leaves behind: result, ledger, curves, charts, both postmortems and the report. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { renderChart } from '../../../adapters/charts/render-chart.ts'
import { Problem } from '../../../base/problem.ts'
import { buildPostmortem } from '../../../core/learn/build.ts'
import type { ChartSpec } from '../../../core/learn/chart.ts'
import { comparedCharts } from '../../../core/learn/chart-specs.ts'
import { toCurves } from '../../../core/learn/curves.ts'
import { type ActInput, factsOf } from '../../../core/learn/facts.ts'
import { renderMarkdown } from '../../../core/learn/render.ts'
import type { DrillResult, IncidentRecord } from '../../../core/rehearse/result.ts'
import { reportPage } from './page.ts'

/** One act without its result, which comes with the drill's. */
type ActRecord = Omit<ActInput, 'result'>

/** All that a drill leaves behind, and where. */
export interface DrillFiles {
  /** Made when it does not exist. */
  readonly folder: string
  readonly result: DrillResult
  readonly acts: { readonly unguarded: ActRecord; readonly guarded: ActRecord }
  readonly record: IncidentRecord
}

type DrillPaths = Pick<
  DrillResult,
  'resultPath' | 'reportPath' | 'postmortemPath' | 'guardedPostmortemPath' | 'ledgerPath'
> & {
  readonly seriesPath: string
}

/** Where the files of a drill lie in its folder. */
export const drillPaths = (folder: string): DrillPaths => ({
  resultPath: join(folder, 'result.json'),
  reportPath: join(folder, 'report.html'),
  postmortemPath: join(folder, 'postmortem.md'),
  guardedPostmortemPath: join(folder, 'postmortem-guarded.md'),
  ledgerPath: join(folder, 'ledger.json'),
  seriesPath: join(folder, 'series.json'),
})

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function ledgerText({ result, acts }: DrillFiles): string {
  const act = ({ clock, events }: ActRecord) => ({ clock, events })
  return json({ drill: result.drill, acts: { unguarded: act(acts.unguarded), guarded: act(acts.guarded) } })
}

/** One line a curve: `[milliseconds since 1970, value]`. */
function seriesText({ result, acts }: DrillFiles): string {
  const act = ({ series }: ActRecord) =>
    toCurves(series)
      .map(({ samples, ...of }) => JSON.stringify({ ...of, samples: samples.map(({ at, value }) => [at, value]) }))
      .join(',\n')
  return `{"drill":${JSON.stringify(result.drill)},"acts":{"unguarded":[\n${act(acts.unguarded)}\n],"guarded":[\n${act(acts.guarded)}\n]}}\n`
}

/** Every file with its content, computed before the first is written. */
function contentsOf(files: DrillFiles): ReadonlyMap<string, string> {
  const { folder, result, record } = files
  const paths = drillPaths(folder)
  const unguarded: ActInput = { ...files.acts.unguarded, result: result.acts.unguarded }
  const guarded: ActInput = { ...files.acts.guarded, result: result.acts.guarded }
  const facts = { unguarded: factsOf(unguarded, 'u'), guarded: factsOf(guarded, 'g') }
  const first = buildPostmortem({ drill: result, subject: unguarded, other: guarded })
  const second = buildPostmortem({ drill: result, subject: guarded, other: unguarded })
  const charts = new Map<string, ChartSpec>(
    [...first.supporting.figures, ...second.supporting.figures].map(({ chart }) => [chart.id, chart]),
  )
  for (const chart of comparedCharts(facts)) charts.set(chart.id, chart)
  return new Map([
    ...[...charts.values()].map((chart) => [join(folder, 'charts', `${chart.id}.svg`), renderChart(chart)] as const),
    [paths.ledgerPath, ledgerText(files)],
    [paths.seriesPath, seriesText(files)],
    [paths.postmortemPath, renderMarkdown(first)],
    [paths.guardedPostmortemPath, renderMarkdown(second)],
    [paths.reportPath, reportPage({ result, record, acts: facts })],
    // Last: whoever finds a result finds everything else too.
    [paths.resultPath, json(result)],
  ])
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What went wrong besides, when not even the draft could be taken away; empty when it could. */
async function discard(draft: string): Promise<string> {
  try {
    await rm(draft, { force: true })
    return ''
  } catch (error) {
    return `; the draft ${draft} was left (${said(error)})`
  }
}

/** All or nothing for each file: a reader never sees half of one. */
async function writeWhole(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(draft, content)
    await rename(draft, path)
  } catch (cause) {
    const left = await discard(draft)
    throw new Problem({
      code: 'report-not-written',
      what: `the drill's files could not be written: ${said(cause)}${left}`,
      where: path,
      remedy: 'Free disk space or make the folder writable, then run the drill again.',
      retriable: true,
      cause,
    })
  }
}

/**
 * Writes all files of a drill into `folder` and says where they are; `result.json` comes last.
 * @throws Problem `report-not-written` when a file cannot be written
 */
export async function writeDrillFiles(files: DrillFiles): Promise<DrillPaths> {
  for (const [path, content] of contentsOf(files)) await writeWhole(path, content)
  return drillPaths(files.folder)
}
