/** The parts of the report below its head. */
import { type Html, html } from '../../../core/html.ts'
import type { ActFacts } from '../../../core/learn/facts.ts'
import { count, decimal } from '../../../core/learn/figures.ts'
import type { Phase } from '../../../core/learn/model.ts'
import { phasesOf } from '../../../core/learn/phases.ts'
import { fromEvent } from '../../../core/learn/refs.ts'
import { say } from '../../../core/learn/rich.ts'
import type { DrillResult, IncidentRecord } from '../../../core/rehearse/result.ts'
import { richHtml } from './html.ts'
import { measureRows } from './measures.ts'

/** Record of 2024, act 1 and act 2 side by side. */
export function comparison(result: DrillResult, record: IncidentRecord): Html {
  const rows = measureRows(result, record).map(
    (
      row,
    ) => html`<tr><th scope="row">${row.name}</th><td>${row.record}</td><td class="one">${row.unguarded}</td><td class="two">${row.guarded}</td><td>${row.change}</td></tr>
`,
  )
  return html`<div class="card"><table>
<thead><tr><th scope="col">Times count from the first bad request</th><th scope="col">Record of 2024<br>minutes of the incident</th><th scope="col">Act 1, as it happened<br>real seconds</th><th scope="col">Act 2, guarded<br>real seconds</th><th scope="col">Act 2 against<br>act 1</th></tr></thead>
<tbody>
${rows}</tbody></table></div>`
}

/** What the drill had to reach. */
export function numbers(result: DrillResult): Html {
  if (result.numbers.length === 0) return html`<p class="muted">This drill had no limits to meet.</p>`
  const rows = result.numbers.map(
    (number) =>
      html`<tr><th scope="row">${number.name}</th><td>${number.limit}</td><td>${number.measured}</td><td><span class="badge ${number.met ? 'met' : 'missed'}">${number.met ? 'met' : 'missed'}</span></td></tr>
`,
  )
  return html`<div class="card"><table>
<thead><tr><th scope="col">Number</th><th scope="col">Limit</th><th scope="col">Measured</th><th scope="col">Verdict</th></tr></thead>
<tbody>
${rows}</tbody></table></div>`
}

function phase(of: Phase): Html {
  const entries = of.entries.map(
    (entry) =>
      html`<li><time>${entry.time}</time><span class="off">${entry.offset}</span><span>${richHtml(entry.text)}</span></li>
`,
  )
  const body =
    entries.length === 0
      ? html`<p class="note">No event falls into this phase.</p>`
      : html`<ol class="events">
${entries}</ol>`
  return html`<h3 class="phase">${of.title} <span>${of.when}</span></h3>
${body}
`
}

/** Both ledgers in words, phase by phase. */
export function timelines(acts: { readonly unguarded: ActFacts; readonly guarded: ActFacts }): Html {
  const column = (facts: ActFacts, title: string, tone: string) =>
    html`<section class="card"><h3 class="${tone}">${title}</h3>
${phasesOf(facts).map(phase)}</section>`
  return html`<div class="pair">${column(acts.unguarded, 'Act 1, as it happened', 'one')}${column(acts.guarded, 'Act 2, guarded', 'two')}</div>`
}

const listed = (title: string, lines: readonly string[]): Html =>
  lines.length === 0 ? html`` : html`<h3>${title}</h3><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`

const block = (title: string, text: string): Html => (text === '' ? html`` : html`<h3>${title}</h3><pre>${text}</pre>`)

/** What `premortem check` had said before the release went out. */
export function checkCard({ check }: DrillResult): Html {
  const words = { fail: 'refused', warn: 'passed with warnings', pass: 'passed' }[check.verdict]
  const to = check.rollbackTarget ?? 'the release before'
  const way = {
    safe: `Going back to ${to} is safe: every query of it runs on the new schema.`,
    regressed: `Going back to ${to} is possible, and slower.`,
    unsafe: `Going back to ${to} is not possible: queries of it fail on the new schema.`,
    unknown: '',
  }[check.rollback]
  return html`<div class="card">
<p><strong>premortem check ${words} release ${check.release}</strong> in ${decimal(check.seconds, 1)} s, on production's schema and statistics and without a row of its data${check.file === null ? '' : html`: <code>${check.file}:${String(check.line)}</code>`}.</p>
${check.message === null ? '' : html`<p>${check.message}</p>`}
<p class="muted">${way} Act 2 released it all the same, so that the guards had to act.</p>
</div>`
}

/** What the diagnosis named in the guarded act. */
export function causeCard(facts: ActFacts): Html {
  const { cause } = facts
  if (cause === null) return html`<div class="card"><p>The diagnosis named no cause in the guarded act.</p></div>`
  const { data } = cause
  const place =
    data.migrationFile === null
      ? 'not found'
      : `${data.migrationFile}${data.migrationLine === null ? '' : `:${data.migrationLine}`}`
  return html`<div class="card">
<p><strong>${data.summary}</strong>${richHtml(say`${fromEvent(facts, cause)}`)}</p>
<dl><dt>Release</dt><dd>${data.release ?? 'not found'}</dd>
<dt>Index</dt><dd><code>${data.index?.definition ?? 'not found'}</code></dd>
<dt>Migration</dt><dd><code>${place}</code></dd>
<dt>Kind</dt><dd><code>${data.kind}</code></dd>
<dt>Score</dt><dd>${decimal(data.score, 2)} of 1</dd></dl>
${block('Statement', data.statement ?? '')}${block('Its plan at that moment', data.plan.join('\n'))}
<div class="pair"><div>${listed('Evidence, strongest first', data.evidence)}</div><div>${listed('What would help, what would not', data.advice)}${listed('What would refute it', data.refutedBy)}</div></div></div>`
}

/** Every promised payment, accounted for. */
export function reconciliation(acts: { readonly unguarded: ActFacts; readonly guarded: ActFacts }): Html {
  const row = (name: string, facts: ActFacts) => {
    const data = facts.reconciliation?.data
    if (data === undefined) return html`<tr><th scope="row">${name}</th><td colspan="7">was not reconciled</td></tr>`
    const cells = [data.told, data.settled, data.failed, data.refunded, data.open, data.lost, data.double]
    return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${count(cell)}</td>`)}</tr>
`
  }
  const heads = ['Promised to a client', 'Settled', 'Failed', 'Refunded', 'Still open', 'Lost', 'Paid twice']
  return html`<div class="card"><table>
<thead><tr><th scope="col">Act</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${row('Act 1, as it happened', acts.unguarded)}${row('Act 2, guarded', acts.guarded)}</tbody></table>
<p class="note">Counted at the end of each act from the database and from what the clients were told. One payment lost or paid twice fails the drill.</p></div>`
}
