/** Regressions in a comment: the guilty statement, each query with its two plans as one diff. */
import { atLineStart, codeBlock, codeSpan, escapeText } from '../../escape.ts'
import type { CheckResult } from '../result.ts'
import { foldedText, rowsOf, type ShownRow } from './plan-rows.ts'
import { better, type Guilt, guiltOf, type Regression, remedyOf, sentencesOf, worse } from './story.ts'
import { adviceNumbers, costLine, count, numbersOf, ratioText, shortTitleOf } from './text.ts'

/** Queries with their plans; the others are named. */
const MAX_DRAWN = 8
const MAX_NAMED = 30

/** @param summary HTML that no value is part of */
export const details = (summary: string, body: string, open = false): string =>
  `<details${open ? ' open' : ''}>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`

/** Stretches that changed, first all that is gone, then all that is new: as a diff is read. */
function diffOf(rows: readonly ShownRow[]): string {
  const lines: string[] = []
  let added: string[] = []
  const flush = () => {
    lines.push(...added)
    added = []
  }
  for (const row of rows) {
    if ('folded' in row || row.mark === 'same') {
      flush()
      lines.push(`  ${'folded' in row ? foldedText(row.folded) : (row.after ?? '')}`)
    } else {
      if (row.before !== null) lines.push(`- ${row.before}`)
      if (row.after !== null) added.push(`+ ${row.after}`)
    }
  }
  flush()
  // A line break inside a condition would begin a line of the diff without its sign.
  return lines.map((line) => line.replace(/\n/g, ' ')).join('\n')
}

function drawn(regression: Regression, open: boolean): string {
  const { plan } = regression
  const ratio = ratioText(plan.costBefore, plan.costAfter)
  const remedy = remedyOf(regression)
  const numbers = adviceNumbers(plan)
  return [
    `#### ${codeSpan(shortTitleOf(plan))}${ratio === null ? '' : ` ${ratio}`}`,
    atLineStart(escapeText(sentencesOf(plan))),
    details('Plan: before (-) and after (+)', codeBlock('diff', diffOf(rowsOf(plan))), open),
    details('The query', codeBlock('sql', plan.query)),
    ...(remedy === null || remedy === '' ? [] : [`**Do:** ${escapeText(remedy)}`]),
    ...(plan.advice === null ? [] : [codeBlock('sql', `${plan.advice.sql};`)]),
    ...(numbers === null ? [] : [atLineStart(escapeText(numbers))]),
    ...plan.remarks.map((one) => `Note: ${escapeText(one)}`),
  ].join('\n\n')
}

const named = ({ plan }: Regression): string => `- ${codeSpan(shortTitleOf(plan))}: ${escapeText(numbersOf(plan))}`

function guilty({ blamedOn, regressions }: Guilt): readonly string[] {
  const queries = count(regressions.length, 'query', 'queries')
  if (blamedOn === null) return [`${queries} without one statement to blame:`]
  const place = codeSpan(`${blamedOn.file}:${blamedOn.line}`)
  return [`**${place}** makes ${queries} worse:`, codeBlock('sql', blamedOn.sql)]
}

/** One section for each guilty statement. */
export function regressionsMarkdown(result: CheckResult): readonly string[] {
  const bad = worse(result)
  const drawnPlans = new Set(bad.slice(0, MAX_DRAWN))
  const namedPlans = new Set(bad.slice(MAX_DRAWN, MAX_DRAWN + MAX_NAMED))
  const rest = bad.length - drawnPlans.size - namedPlans.size
  const sections = guiltOf(result).flatMap((guilt) => {
    const drawing = guilt.regressions.filter((one) => drawnPlans.has(one.plan))
    const naming = guilt.regressions.filter((one) => namedPlans.has(one.plan))
    if (drawing.length + naming.length === 0) return []
    const names = naming.length === 0 ? [] : [naming.map(named).join('\n')]
    return [[...guilty(guilt), ...drawing.map((one) => drawn(one, one.plan === bad[0])), ...names].join('\n\n')]
  })
  const more = rest > 0 ? `\n\n_and ${rest} more; the JSON report has them all_` : ''
  return sections.map((section, at) => (at === sections.length - 1 ? `${section}${more}` : section))
}

/** None or one section. */
export function improvementsMarkdown(result: CheckResult): readonly string[] {
  const good = better(result)
  if (good.length === 0) return []
  const rest = good.length - MAX_NAMED
  const items = good
    .slice(0, MAX_NAMED)
    .map((plan) => `- ${codeSpan(shortTitleOf(plan))}: ${escapeText(costLine(plan))}`)
  return [`${items.join('\n')}${rest > 0 ? `\n\n_and ${rest} more_` : ''}`]
}
