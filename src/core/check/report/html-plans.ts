/** Regressions in the HTML report: the guilty statement, then each query with its two plans beside one another. */
import { type Html, html } from '../../html.ts'
import { figure } from '../../wording.ts'
import type { CheckResult, PlanReport } from '../result.ts'
import { foldedText, rowsOf, type ShownRow } from './plan-rows.ts'
import { better, type Guilt, guiltOf, type Regression, remedyOf, sentencesOf, worse } from './story.ts'
import { adviceNumbers, callsText, costLine, count, numbersOf, ratioText, shortTitleOf } from './text.ts'

/** Queries with their plans; the others are in the table of all queries. */
const MAX_DRAWN = 60
const MAX_ROWS = 500

const MARK_WORDS = { same: '', changed: '~ changed', removed: '− gone', added: '+ new' } as const

/** Indentation of its own, so that a long line goes on below its beginning. */
function line(text: string): Html {
  const depth = Math.min(text.search(/\S|$/), 40)
  const style = `padding-left:calc(${depth}ch + 2ch);text-indent:-2ch`
  return html`<span class="line" style="${style}">${text.trimStart()}</span>`
}

function rowHtml(row: ShownRow): Html {
  if ('folded' in row)
    return html`<tr class="same"><td class="mark"></td><td colspan="2">${foldedText(row.folded)}</td></tr>
`
  const cell = (text: string | null, kind: string) =>
    text === null ? html`<td class="none"></td>` : html`<td class="${kind}">${line(text)}</td>`
  return html`<tr class="${row.mark}"><td class="mark"><span>${MARK_WORDS[row.mark]}</span></td>${cell(row.before, 'was')}${cell(row.after, 'is')}</tr>
`
}

const plans = (
  plan: PlanReport,
): Html => html`<div class="scroll"><table class="plan"><caption class="note">Plans${plan.variant === 'generic' ? '' : ` for ${plan.variant} values`}, before and after the change</caption>
<thead><tr><th scope="col"><span class="muted">mark</span></th><th scope="col">Before: cost ${figure(plan.costBefore)}</th><th scope="col">After: cost ${figure(plan.costAfter)}</th></tr></thead>
<tbody>
${rowsOf(plan).map(rowHtml)}</tbody></table></div>`

function advice(plan: PlanReport): Html {
  const numbers = adviceNumbers(plan)
  if (plan.advice === null || numbers === null) return html``
  return html`<pre class="sql-good"><code>${`${plan.advice.sql};`}</code></pre><p class="note">${numbers}</p>`
}

function regression(one: Regression): Html {
  const { plan } = one
  const remedy = remedyOf(one)
  const ratio = ratioText(plan.costBefore, plan.costAfter) ?? ''
  return html`<div class="regression"><h3>${shortTitleOf(plan)} <span class="badge bad">${ratio}</span></h3>
<p class="note">${numbersOf(plan)}</p>
<p>${sentencesOf(plan)}</p>
${plans(plan)}
<details><summary>The query</summary><pre><code>${plan.query}</code></pre></details>
${remedy === null || remedy === '' ? html`` : html`<p><span class="do">Do:</span> ${remedy}</p>`}
${advice(plan)}${plan.remarks.map((remark) => html`<p class="note">${remark}</p>`)}</div>
`
}

function guilty({ blamedOn, regressions }: Guilt, drawn: ReadonlySet<PlanReport>): Html {
  const queries = count(regressions.length, 'query', 'queries')
  const head =
    blamedOn === null
      ? html`<h3>${queries} without one statement to blame</h3>`
      : html`<h3><code>${`${blamedOn.file}:${blamedOn.line}`}</code> makes ${queries} worse</h3><pre class="sql-bad"><code>${blamedOn.sql}</code></pre>`
  const shown = regressions.filter((one) => drawn.has(one.plan))
  const rest = regressions.length - shown.length
  const more = rest > 0 ? html`<p class="note">and ${String(rest)} more: see the table of all queries</p>` : html``
  return html`<section class="card guilty">${head}
${shown.map(regression)}${more}</section>
`
}

/** All that got worse; empty when nothing did. */
export function regressionsHtml(result: CheckResult): Html {
  const bad = worse(result)
  if (bad.length === 0) return html``
  const drawn = new Set(bad.slice(0, MAX_DRAWN))
  return html`<h2>Plans that get worse (${String(bad.length)} of ${String(result.plans.length)})</h2>
${guiltOf(result).map((guilt) => guilty(guilt, drawn))}`
}

function queryRow(plan: PlanReport, good: ReadonlySet<PlanReport>): Html {
  const [tone, word] = plan.regressed ? ['bad', 'worse'] : good.has(plan) ? ['good', 'better'] : ['quiet', 'same']
  const fragile = plan.fragility === null ? '' : figure(plan.fragility)
  return html`<tr><th scope="row">${shortTitleOf(plan)}</th><td class="number">${callsText(plan.callsPerMinute)}</td><td class="number">${costLine(plan).replace(/^cost /, '')}</td><td class="number">${fragile}</td><td><span class="badge ${tone ?? ''}">${word ?? ''}</span></td></tr>
`
}

/** Every query that was planned. */
export function queriesHtml(result: CheckResult): Html {
  if (result.plans.length === 0) return html``
  const good = new Set(better(result))
  const rest = result.plans.length - MAX_ROWS
  const more = rest > 0 ? html`<p class="note">and ${String(rest)} more: the JSON report has them all</p>` : html``
  return html`<h2>All queries</h2>
<div class="card scroll"><table><thead><tr><th scope="col">Query</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Fragility, 0 to 1</th><th scope="col">Plan</th></tr></thead>
<tbody>
${result.plans.slice(0, MAX_ROWS).map((plan) => queryRow(plan, good))}</tbody></table>${more}</div>`
}
