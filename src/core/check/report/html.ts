/** A check's result as one page that needs nothing else: no script, nothing loaded, light and dark, on paper too. */
import { ms } from '../../../base/time.ts'
import { type Html, html, trusted } from '../../html.ts'
import { spanText } from '../../wording.ts'
import type { Finding } from '../finding.ts'
import type { CheckResult } from '../result.ts'
import { headline } from './headline.ts'
import { queriesHtml, regressionsHtml } from './html-plans.ts'
import { STYLE } from './html-style.ts'
import { ruleTitle } from './rule-titles.ts'
import { findingsByFile, otherFindings, rollbackWords, triedOn, worse } from './story.ts'
import { bytesText, count, durationText, lockText, oneLine, shortTitleOf } from './text.ts'

const MAX_FINDINGS = 500
const MAX_STATEMENTS = 500
const MAX_REMARKS = 300

const VERDICTS = { pass: 'good', warn: 'warn', fail: 'bad' } as const
const LEVELS = { error: 'bad', warning: 'warn', note: 'quiet' } as const
const SAFETY = { safe: 'good', regressed: 'warn', unsafe: 'bad', unknown: 'warn' } as const
const ANSWERS = { yes: 'good', no: 'bad', unknown: 'warn' } as const

const badge = (tone: string, words: string): Html => html`<span class="badge ${tone}">${words}</span>`
const andMore = (rest: number): Html =>
  rest > 0 ? html`<p class="note">and ${String(rest)} more: the JSON report has them all</p>` : html``

function tiles(result: CheckResult): Html {
  const errors = result.findings.filter((one) => one.severity === 'error').length
  const longest = Math.max(0, ...result.migration.map((one) => one.estimate.highMs))
  const tile = (title: string, value: string) => html`<div class="tile"><h2>${title}</h2><div>${value}</div></div>
`
  return html`<div class="tiles">
${tile('Queries that get worse', `${worse(result).length} of ${result.plans.length}`)}${tile('Findings', `${count(errors, 'error', 'errors')} of ${result.findings.length}`)}${tile('Rollback', result.rollbackSafety.verdict)}${tile('Longest statement', result.migration.length === 0 ? 'none' : durationText({ lowMs: 0, highMs: longest }))}</div>`
}

const findingHtml = (
  finding: Finding,
): Html => html`<li>${badge(LEVELS[finding.severity], finding.severity)} ${finding.line === null ? '' : `line ${finding.line}`} <code>${finding.rule}</code> <span class="muted">${ruleTitle(finding.rule)}</span>
<p>${finding.message}<br><span class="do">Do:</span> ${finding.remedy}</p></li>
`

function findings(result: CheckResult): Html {
  const all = otherFindings(result)
  if (all.length === 0) return html``
  let left = MAX_FINDINGS
  const groups = findingsByFile(result).flatMap((group) => {
    const shown = group.findings.slice(0, left)
    left -= shown.length
    if (shown.length === 0) return []
    const head = group.file === null ? html`About the check itself` : html`<code>${group.file}</code>`
    return [
      html`<section class="card"><h3>${head}</h3><ul>
${shown.map(findingHtml)}</ul></section>
`,
    ]
  })
  return html`<h2>Findings (${String(all.length)})</h2>
${groups}${andMore(all.length - MAX_FINDINGS)}`
}

function rollback(result: CheckResult): Html {
  const { verdict, target, broken, sequence } = result.rollbackSafety
  const items = broken.map((query) => {
    const since = query.blamedOn === null ? '' : ` Since ${query.blamedOn.file}:${query.blamedOn.line}.`
    return html`<li><code>${shortTitleOf(query)}</code> (${triedOn(query)}): ${query.reason}.${since}</li>
`
  })
  return html`<h2>Rollback to ${target ?? 'the release before'}</h2>
<div class="card"><p>${badge(SAFETY[verdict], verdict)} ${rollbackWords(result)}</p>
${items.length === 0 ? html`` : html`<ul>${items}</ul>`}<h4>In which order</h4><ul class="plain">${sequence.map((one) => html`<li>${one}</li>`)}</ul></div>`
}

function migration({ migration: statements }: CheckResult): Html {
  if (statements.length === 0) return html``
  const rows = statements.slice(0, MAX_STATEMENTS).map((one) => {
    const invalid = one.invalid.length === 0 ? html`` : html`<br>${badge('bad', 'INVALID')} ${one.invalid.join(', ')}`
    return html`<tr><td><code>${`${one.file}:${one.line}`}</code></td><td><code>${shortTitleOf({ name: null, query: oneLine(one.sql) })}</code>${invalid}</td><td>${lockText(one)}</td><td>${durationText(one.estimate)}<br><span class="note">${one.estimate.basis}</span></td><td class="number">${String(one.transaction + 1)}</td></tr>
`
  })
  return html`<h2>What the migration does</h2>
<div class="card scroll"><table><thead><tr><th scope="col">Line</th><th scope="col">Statement</th><th scope="col">Strongest lock</th><th scope="col">Takes</th><th scope="col" class="number">Transaction</th></tr></thead>
<tbody>
${rows}</tbody></table><p class="note">Statements of one transaction hold their locks until its last one is done.</p>${andMore(statements.length - MAX_STATEMENTS)}</div>`
}

function checklist(result: CheckResult): Html {
  if (result.checklist.length === 0) return html``
  const items = result.checklist.map(
    (
      one,
    ) => html`<li><span>${badge(ANSWERS[one.answer], one.answer)}</span><span>${one.item}<br><span class="note">${one.because}</span></span></li>
`,
  )
  return html`<h2>Review checklist</h2>
<div class="card"><ul class="checks">
${items}</ul></div>`
}

function remarks(result: CheckResult): Html {
  const all = [
    ...result.assumptions.map((one) => html`${one}`),
    ...result.unplanned.map((one) => html`Not planned: <code>${shortTitleOf(one)}</code>: ${one.reason}`),
    ...result.skipped.map((one) => html`Left out: ${one.object}: ${one.reason}`),
    ...result.missing.map(
      (one) =>
        html`Not in the snapshot: ${one.what}: ${one.why}${one.grant === null ? html`` : html`; to change that: <code>${one.grant}</code>`}`,
    ),
    ...result.unusedIndexes.map(
      (one) => html`Index <code>${one.index}</code> on ${one.table} (${bytesText(one.bytes)}): ${one.why}`,
    ),
  ]
  if (all.length === 0) return html``
  return html`<h2>Good to know</h2>
<div class="card"><ul>${all.slice(0, MAX_REMARKS).map(
    (one) => html`<li>${one}</li>
`,
  )}</ul>${andMore(all.length - MAX_REMARKS)}</div>`
}

/** The whole page. The same result gives the same bytes. */
export function htmlReport(result: CheckResult): string {
  const what = result.release === null ? 'change' : `release ${result.release}`
  const total = result.timings.total
  const time = total === undefined ? '' : ` in ${spanText(ms(total))}`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>premortem check of ${what}: ${result.verdict}</title>
<style>${trusted(STYLE)}</style>
</head>
<body><main>
<header>
<div class="kicker">premortem check · ${what} · ${result.files.join(', ')}</div>
<h1>${headline(result)}</h1>
<p>${badge(VERDICTS[result.verdict], result.verdict)} <span class="muted">${count(result.plans.length, 'query', 'queries')} planned at production's size${time}</span></p>
</header>
${tiles(result)}
${regressionsHtml(result)}
${findings(result)}
${rollback(result)}
${migration(result)}
${checklist(result)}
${queriesHtml(result)}
${remarks(result)}
<footer>Written by premortem check. Costs are the planner's units; times are estimates that state their error.</footer>
</main></body>
</html>
`
  return page.text
}
