/** A check's result for people at a terminal. */
import { ms } from '../../../base/time.ts'
import { spanText } from '../../wording.ts'
import type { Finding } from '../finding.ts'
import { alignPlans } from '../plan-judge/side-by-side.ts'
import type { CheckResult, PlanReport } from '../result.ts'
import type { FindingSeverity } from '../severity.ts'
import type { Paint } from './paint.ts'
import {
  better,
  bytesText,
  callsText,
  costLine,
  cut,
  durationText,
  headline,
  oneLine,
  timeLine,
  titleOf,
  worse,
  wrap,
} from './text.ts'

/** Two plans fit beside one another from here on; characters. */
const SIDE_BY_SIDE_WIDTH = 110
const MAX_WIDTH = 180
const MAX_PLANS = 20
const MAX_FINDINGS = 60
const MAX_STATEMENTS = 40
const GAP = ' │ '

interface Page {
  readonly paint: Paint
  readonly width: number
}

type Lines = readonly string[]

const MARKS = { same: ' ', changed: '~', removed: '-', added: '+' } as const

function heading(text: string, { paint }: Page): Lines {
  return ['', paint.bold(text)]
}

/** Colours are put on after padding: they have no width. */
function sides(plan: PlanReport, page: Page): Lines {
  const { paint, width } = page
  const rows = alignPlans(plan.planBefore, plan.planAfter)
  const half = Math.floor((width - GAP.length - 6) / 2)
  const column = (text: string | null, tone: (line: string) => string) => tone(cut(text ?? '', half).padEnd(half))
  const tones = { same: paint.dim, changed: paint.yellow, removed: paint.red, added: paint.red }
  const head = `    ${paint.bold('before'.padEnd(half))}${paint.dim(GAP)}${paint.bold('after')}`
  return [
    head,
    ...rows.map(({ before, after, mark }) => {
      const left = mark === 'same' ? paint.dim : paint.green
      return `  ${tones[mark](MARKS[mark])} ${column(before, left)}${paint.dim(GAP)}${column(after, tones[mark])}`.trimEnd()
    }),
  ]
}

function stacked(plan: PlanReport, { paint, width }: Page): Lines {
  const rows = alignPlans(plan.planBefore, plan.planAfter)
  const side = (which: 'before' | 'after') =>
    rows.flatMap((row) => {
      const text = row[which]
      if (text === null) return []
      const line = `  ${MARKS[row.mark]} ${cut(text, width - 4)}`
      return [row.mark === 'same' ? paint.dim(line) : which === 'before' ? paint.green(line) : paint.red(line)]
    })
  return [`    ${paint.bold('before')}`, ...side('before'), `    ${paint.bold('after')}`, ...side('after')]
}

function regression(plan: PlanReport, page: Page): Lines {
  const { paint, width } = page
  const numbers = [callsText(plan.callsPerMinute), costLine(plan), timeLine(plan)].filter((one) => one !== null)
  const blame = plan.blamedOn
  return [
    '',
    `  ${paint.red('✗')} ${paint.bold(cut(titleOf(plan), width - 4))}`,
    ...wrap(numbers.join(' · '), width, '    '),
    ...(blame === null
      ? []
      : [
          `    since ${paint.cyan(`${blame.file}:${blame.line}`)}`,
          `    ${paint.red(cut(`> ${oneLine(blame.sql)}`, width - 4))}`,
        ]),
    '',
    ...(width >= SIDE_BY_SIDE_WIDTH ? sides(plan, page) : stacked(plan, page)),
    ...(plan.advice === null
      ? []
      : ['', `    ${paint.bold('advice')} ${paint.green(`${plan.advice.sql};`)}`, ...adviceNumbers(plan, page)]),
  ]
}

function adviceNumbers({ advice }: PlanReport, { width }: Page): Lines {
  if (advice === null) return []
  const { bytes, buildMs, writesPerMinute } = advice
  const build = durationText({ lowMs: buildMs.low, highMs: buildMs.high })
  const writes =
    writesPerMinute === null ? '' : `, ${callsText(writesPerMinute).replace('calls', 'writes')} keep it up to date`
  return wrap(`${oneLine(advice.why)} About ${bytesText(bytes)}, built in ${build}${writes}.`, width, '    ')
}

function regressions(result: CheckResult, page: Page): Lines {
  const bad = worse(result)
  if (bad.length === 0) return []
  const rest = bad.length - MAX_PLANS
  return [
    ...heading(`Plans that get worse (${bad.length} of ${result.plans.length})`, page),
    ...bad.slice(0, MAX_PLANS).flatMap((plan) => regression(plan, page)),
    ...(rest > 0 ? ['', `  and ${rest} more: --format json has them all`] : []),
  ]
}

function improvements(result: CheckResult, page: Page): Lines {
  const good = better(result)
  if (good.length === 0) return []
  return [
    ...heading('Plans that get better', page),
    ...good
      .slice(0, MAX_PLANS)
      .map((plan) => cut(`  ${page.paint.green('✓')} ${titleOf(plan)}  ${costLine(plan)}`, page.width + 10)),
  ]
}

const SEVERITIES: readonly FindingSeverity[] = ['error', 'warning', 'note']

function findingLines(finding: Finding, { paint, width }: Page): Lines {
  const tone = { error: paint.red, warning: paint.yellow, note: paint.dim }[finding.severity]
  const place =
    finding.file === null ? '' : ` ${paint.cyan(`${finding.file}${finding.line === null ? '' : `:${finding.line}`}`)}`
  return [
    `  ${tone(finding.severity)}${place} ${paint.dim(finding.rule)}`,
    ...wrap(finding.message, width, '    '),
    ...wrap(`do: ${finding.remedy}`, width, '    ').map(paint.dim),
  ]
}

/** What the plans say already is not said twice. */
function findings(result: CheckResult, page: Page): Lines {
  const shown = result.findings.filter((one) => one.rule !== 'plan-regression' || one.severity === 'note')
  if (shown.length === 0) return []
  const sorted = shown.toSorted((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity))
  const rest = sorted.length - MAX_FINDINGS
  return [
    ...heading(`Findings (${shown.length})`, page),
    ...sorted.slice(0, MAX_FINDINGS).flatMap((finding) => findingLines(finding, page)),
    ...(rest > 0 ? [`  and ${rest} more: --format json has them all`] : []),
  ]
}

function rollback({ rollbackSafety: safety }: CheckResult, page: Page): Lines {
  const { paint, width } = page
  const to = safety.target ?? 'the release before'
  const words = {
    safe: paint.green(`✓ safe: every query of ${to} runs on the new schema`),
    regressed: paint.yellow(`! possible, but queries of ${to} are slower on the new schema`),
    unsafe: paint.red(`✗ not possible: queries of ${to} fail on the new schema`),
    unknown: paint.yellow('? nothing is known about the way back'),
  }[safety.verdict]
  return [
    ...heading(`Rollback to ${to}`, page),
    `  ${words}`,
    ...safety.broken.slice(0, MAX_PLANS).flatMap((query) => {
      const on = query.code === 'old' ? 'old code, new schema' : 'new code, old schema'
      const since = query.blamedOn === null ? '' : ` since ${query.blamedOn.file}:${query.blamedOn.line}`
      return wrap(`${titleOf(query)} (${on})${since}: ${query.reason}`, width, '    ')
    }),
    ...safety.sequence.flatMap((sentence) => wrap(sentence, width, '  ')),
  ]
}

function migration(result: CheckResult, page: Page): Lines {
  if (result.migration.length === 0) return []
  const { paint, width } = page
  const shown = result.migration.slice(0, MAX_STATEMENTS)
  const place = (one: (typeof shown)[number]) => `${one.file.slice(one.file.lastIndexOf('/') + 1)}:${one.line}`
  const first = Math.max(...shown.map((one) => place(one).length))
  const lines = shown.map((one) => {
    const strongest = one.locks.at(0)
    const lock = strongest === undefined ? 'no lock' : `${strongest.mode} on ${strongest.relation}`
    const time = one.estimate.highMs > 1000 ? paint.yellow(durationText(one.estimate)) : durationText(one.estimate)
    const room = Math.max(20, width - first - 50)
    return `  ${paint.cyan(place(one).padEnd(first))}  ${cut(oneLine(one.sql), room)}  ${paint.dim(lock)}, ${time}`
  })
  const rest = result.migration.length - shown.length
  return [...heading('What the migration does', page), ...lines, ...(rest > 0 ? [`  and ${rest} more statements`] : [])]
}

function checklist(result: CheckResult, page: Page): Lines {
  const { paint, width } = page
  const marks = { yes: paint.green('✓'), no: paint.red('✗'), unknown: paint.yellow('?') }
  return [
    ...heading('Review checklist', page),
    ...result.checklist.map(
      (one) =>
        `  ${marks[one.answer]} ${one.item} ${paint.dim(cut(`(${one.because})`, Math.max(20, width - one.item.length - 5)))}`,
    ),
  ]
}

function smallPrint(result: CheckResult, page: Page): Lines {
  const { paint, width } = page
  const bullets = (sentences: readonly string[]) =>
    sentences.flatMap((one) => wrap(`- ${one}`, width, '  ').map(paint.dim))
  const lines = [
    ...bullets(result.assumptions),
    ...bullets(result.unplanned.map((one) => `not planned: ${cut(titleOf(one), 50)}: ${one.reason}`)),
    ...bullets(result.skipped.map((one) => `left out: ${one.object}: ${one.reason}`)),
    ...bullets(result.missing.map((one) => `not in the snapshot: ${one.what}: ${one.why}`)),
    ...bullets(result.unusedIndexes.map((one) => `${one.index} on ${one.table} (${bytesText(one.bytes)}): ${one.why}`)),
  ]
  return lines.length === 0 ? [] : [...heading('Good to know', page), ...lines]
}

/**
 * The report, ending with a newline.
 * @param width columns of the terminal; two plans stand beside one another from 110 on
 */
export function terminalReport(result: CheckResult, paint: Paint, width: number): string {
  const page: Page = { paint, width: Math.max(60, Math.min(width, MAX_WIDTH)) }
  const badge = { pass: paint.green('PASS'), warn: paint.yellow('WARN'), fail: paint.red('FAIL') }[result.verdict]
  const [first = '', ...more] = wrap(headline(result), page.width - 6)
  const total = result.timings.total
  const lines = [
    `${paint.bold(badge)}  ${paint.bold(first)}`,
    ...more.map((line) => `      ${paint.bold(line)}`),
    ...regressions(result, page),
    ...improvements(result, page),
    ...findings(result, page),
    ...rollback(result, page),
    ...migration(result, page),
    ...checklist(result, page),
    ...smallPrint(result, page),
    '',
    ...(total === undefined ? [] : [paint.dim(`checked in ${spanText(ms(total))}`)]),
  ]
  return `${lines.join('\n')}\n`
}
