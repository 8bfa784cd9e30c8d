/** Regressions in the terminal: the guilty statement, then each query with its two plans. */
import type { AlignedRow } from '../plan-judge/side-by-side.ts'
import type { CheckResult, PlanReport } from '../result.ts'
import { foldedText, MARKS, rowsOf, type ShownRow } from './plan-rows.ts'
import { better, type Guilt, guiltOf, type Regression, remedyOf, sentencesOf, worse } from './story.ts'
import { andMore, heading, type Lines, type Page, type Tone } from './terminal-page.ts'
import { adviceNumbers, costLine, count, cut, numbersOf, oneLine, ratioText, titleOf, wrap } from './text.ts'

/** Two plans fit beside one another from here on; columns. */
const SIDE_BY_SIDE_WIDTH = 110
/** Queries that are drawn with their plans; the others are named. */
const MAX_DRAWN = 6
const MAX_NAMED = 20
const MAX_QUERY_LINES = 4
const GAP = ' │ '
const MARGIN = 6

/** A line of a plan in a column: what changed is wrapped, so that the reason can be read; the rest is cut. */
function inColumn(text: string | null, mark: AlignedRow['mark'], width: number): Lines {
  if (text === null) return ['']
  if (mark === 'same' || text.length <= width) return [cut(text, width)]
  const depth = text.search(/\S/)
  const indent = ' '.repeat(Math.min(depth, Math.floor(width / 2)))
  return wrap(text, width, { first: indent, rest: `${indent}    ` }).map((line) => cut(line, width))
}

interface Tones {
  readonly before: Tone
  readonly after: Tone
}

const tonesOf = (mark: AlignedRow['mark'], { paint }: Page): Tones =>
  mark === 'same' ? { before: paint.dim, after: paint.dim } : { before: paint.green, after: paint.red }

/** Colours are put on after padding: they have no width. */
function besideRow(row: ShownRow, half: number, page: Page): Lines {
  const { paint } = page
  if ('folded' in row) return [paint.dim(`    ${foldedText(row.folded)}`)]
  const tones = tonesOf(row.mark, page)
  const left = inColumn(row.before, row.mark, half)
  const right = inColumn(row.after, row.mark, half)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    const mark = at === 0 && row.mark !== 'same' ? paint.yellow(MARKS[row.mark]) : ' '
    const after = right[at] ?? ''
    const column = tones.before((left[at] ?? '').padEnd(half))
    return `  ${mark} ${column}${paint.dim(GAP)}${after === '' ? '' : tones.after(after)}`.trimEnd()
  })
}

function beside(plan: PlanReport, page: Page): Lines {
  const { paint, width } = page
  const half = Math.floor((width - GAP.length - MARGIN) / 2)
  const head = `    ${paint.bold('before'.padEnd(half))}${paint.dim(GAP)}${paint.bold('after')}`
  return [head, ...rowsOf(plan).flatMap((row) => besideRow(row, half, page))]
}

function below(plan: PlanReport, page: Page): Lines {
  const { paint, width } = page
  const side = (which: 'before' | 'after') =>
    rowsOf(plan).flatMap((row) => {
      if ('folded' in row) return [paint.dim(`    ${foldedText(row.folded)}`)]
      if (row[which] === null) return []
      const tone = tonesOf(row.mark, page)[which]
      return inColumn(row[which], row.mark, width - MARGIN).map(
        (line, at) => `  ${at === 0 && row.mark !== 'same' ? paint.yellow(MARKS[row.mark]) : ' '} ${tone(line)}`,
      )
    })
  return [`    ${paint.bold('before')}`, ...side('before'), `    ${paint.bold('after')}`, ...side('after')]
}

/** The query's own text, where its name alone is shown. */
function queryLines({ name, query }: PlanReport, { paint, width }: Page): Lines {
  if (name === null) return []
  const lines = wrap(oneLine(query), width - 2, '    ')
  const shown = lines.slice(0, MAX_QUERY_LINES)
  return (lines.length > shown.length ? [...shown.slice(0, -1), `${shown.at(-1) ?? ''} …`] : shown).map(paint.dim)
}

function remedyLines(regression: Regression, { paint, width }: Page): Lines {
  const { advice } = regression.plan
  const remedy = remedyOf(regression)
  const numbers = adviceNumbers(regression.plan)
  return [
    ...(remedy === null || remedy === ''
      ? []
      : ['', ...wrap(`do: ${remedy}`, width, { first: '    ', rest: '        ' }).map(paint.bold)]),
    // Not wrapped: it is there to be copied.
    ...(advice === null ? [] : [`        ${paint.green(`${advice.sql};`)}`]),
    ...(numbers === null ? [] : wrap(numbers, width, '        ').map(paint.dim)),
  ]
}

function drawn(regression: Regression, page: Page): Lines {
  const { plan } = regression
  const { paint, width } = page
  const ratio = ratioText(plan.costBefore, plan.costAfter)
  const title = cut(titleOf(plan), width - 14)
  return [
    '',
    `  ${paint.red('✗')} ${paint.bold(title)}${ratio === null ? '' : `  ${paint.red(ratio)}`}`,
    ...wrap(sentencesOf(plan), width, '    '),
    ...queryLines(plan, page),
    '',
    ...(width >= SIDE_BY_SIDE_WIDTH ? beside(plan, page) : below(plan, page)),
    ...remedyLines(regression, page),
    ...plan.remarks.flatMap((one) => wrap(`note: ${one}`, width, '    ')).map(paint.dim),
  ]
}

const guiltyLines = ({ blamedOn, regressions }: Guilt, { paint, width }: Page): Lines => {
  const queries = count(regressions.length, 'query', 'queries')
  if (blamedOn === null) return ['', `  ${queries} without one statement to blame`]
  return [
    '',
    `  ${paint.cyan(`${blamedOn.file}:${blamedOn.line}`)} makes ${queries} worse:`,
    `  ${paint.red(cut(`> ${oneLine(blamedOn.sql)}`, width - 4))}`,
  ]
}

const named = ({ plan }: Regression, { paint, width }: Page): string =>
  `  ${paint.red('✗')} ${cut(titleOf(plan), Math.max(20, width - 60))}  ${paint.dim(numbersOf(plan))}`

/** By guilty statement; the heaviest are drawn, the others named. */
export function regressionLines(result: CheckResult, page: Page): Lines {
  const bad = worse(result)
  if (bad.length === 0) return []
  const drawnPlans = new Set(bad.slice(0, MAX_DRAWN))
  const namedPlans = new Set(bad.slice(MAX_DRAWN, MAX_DRAWN + MAX_NAMED))
  return [
    ...heading(`Plans that get worse (${bad.length} of ${result.plans.length})`, page),
    ...guiltOf(result).flatMap((guilt) => {
      const drawing = guilt.regressions.filter((one) => drawnPlans.has(one.plan))
      const naming = guilt.regressions.filter((one) => namedPlans.has(one.plan))
      if (drawing.length + naming.length === 0) return []
      return [
        ...guiltyLines(guilt, page),
        ...drawing.flatMap((one) => drawn(one, page)),
        ...(naming.length === 0 ? [] : ['']),
        ...naming.map((one) => named(one, page)),
      ]
    }),
    ...andMore(bad.length - drawnPlans.size - namedPlans.size, page),
  ]
}

/** Queries that got better, one line each. */
export function improvementLines(result: CheckResult, page: Page): Lines {
  const good = better(result)
  if (good.length === 0) return []
  const { paint, width } = page
  const line = (plan: PlanReport) => `${cut(titleOf(plan), Math.max(20, width - 45))}  ${paint.dim(costLine(plan))}`
  return [
    ...heading(`Plans that get better (${good.length})`, page),
    ...good.slice(0, MAX_NAMED).map((plan) => `  ${paint.green('✓')} ${line(plan)}`),
    ...andMore(good.length - MAX_NAMED, page),
  ]
}
