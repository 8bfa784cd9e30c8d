/** The report of a drill: one page that needs nothing else. */
import { renderChart } from '../../../adapters/charts/render-chart.ts'
import { type Html, html, trusted } from '../../../core/html.ts'
import { comparedCharts } from '../../../core/learn/chart-specs.ts'
import type { ActFacts } from '../../../core/learn/facts.ts'
import { count, decimal, inSeconds } from '../../../core/learn/figures.ts'
import type { DrillResult, IncidentRecord } from '../../../core/rehearse/result.ts'
import { causeCard, checkCard, comparison, numbers, reconciliation, timelines } from './parts.ts'
import { STYLE } from './style.ts'

/** What the page is made from; both acts were read with the marks `u` and `g`. */
export interface ReportInput {
  readonly result: DrillResult
  readonly record: IncidentRecord
  readonly acts: { readonly unguarded: ActFacts; readonly guarded: ActFacts }
}

function headline({ acts }: DrillResult): string {
  const { unguarded, guarded } = acts
  return `The same bad release, twice: ${count(unguarded.failedPayments)} payments failed as it happened, ${count(guarded.failedPayments)} under guard.`
}

function verdict(result: DrillResult): Html {
  const missed = result.numbers.filter((number) => !number.met)
  const total = result.numbers.length
  const words =
    missed.length > 0
      ? `${missed.length} of ${total} numbers missed`
      : result.passed
        ? `passed, ${total} of ${total} numbers met`
        : 'failed'
  return html`<span class="badge ${result.passed ? 'met' : 'missed'}">${words}</span>`
}

const tile = (title: string, one: string, two: string): Html =>
  html`<div class="tile"><h3>${title}</h3><div><span class="one">${one}</span><span class="arrow">→</span><span class="two">${two}</span></div></div>`

function tiles({ acts }: DrillResult): Html {
  const { unguarded, guarded } = acts
  const time = (value: number | null) => inSeconds(value, 'never')
  return html`<div class="tiles">
${tile('Failed payments', count(unguarded.failedPayments), count(guarded.failedPayments))}
${tile('First bad request to cause', time(unguarded.secondsToCause), time(guarded.secondsToCause))}
${tile('… to rollback decision', time(unguarded.secondsToRollbackDecision), time(guarded.secondsToRollbackDecision))}
${tile('… to recovery', time(unguarded.secondsToRecovery), time(guarded.secondsToRecovery))}
</div>
<p class="note"><span class="one">Act 1, as it happened</span> → <span class="two">act 2, guarded</span>. Same release, same traffic, same data; times in real seconds.</p>`
}

function head(input: ReportInput): Html {
  const { result } = input
  const { rows, seed, seconds, scenario, drill, startedAt } = result
  return html`<header>
<div class="kicker">premortem drill · ${scenario} · ${drill}</div>
<h1>${headline(result)}</h1>
<p>${verdict(result)} <span class="muted">${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${decimal(seconds, 0)} s in all, ${count(rows)} payments in the database, seed ${String(seed)}</span></p>
</header>`
}

function charts(input: ReportInput): Html {
  const specs = comparedCharts(input.acts)
  if (specs.length === 0) return html`<p class="muted">No curve was recorded in this drill.</p>`
  return html`${specs.map(
    (spec) => html`<figure class="chart" style="margin-left:0;margin-right:0">${trusted(renderChart(spec))}</figure>
`,
  )}`
}

function reading({ result }: ReportInput): Html {
  const pace = decimal(result.paceMs / 1000, 2)
  return html`<ul>
<li>Both acts ran for real on this machine: a PostgreSQL server, four services over HTTP, and a traffic generator that never waits for answers. Nothing in the act columns is typed in.</li>
<li>Act 1 repeats what people did in 2024, at their minutes. Act 2 puts the same release through premortem; the check before the release was overridden so that the guards at runtime had to act.</li>
<li>One minute of the incident lasted ${pace} s here. Clock times are the incident's own; offsets such as +12.5 s and the times of the acts are real time. The curves are aligned at the two deployments.</li>
<li>The record of 2024 counts from its first user impact at 14:30. Its absolute numbers belong to another system and other traffic: compare the acts with each other, and the record with its story.</li>
<li>A first bad request is the first after the deployment that failed or was slower than the objective. Recovery means that error rate and p95 stay within it.</li>
<li>Marks such as <span class="source">e42</span> name the event in <a href="ledger.json">ledger.json</a>; counted figures are in <a href="result.json">result.json</a>, curves in <a href="series.json">series.json</a>. The documents that the system wrote: <a href="postmortem.md">postmortem.md</a> and <a href="postmortem-guarded.md">postmortem-guarded.md</a>.</li>
</ul>`
}

/** The whole page. The same input gives the same bytes. No scripts, nothing loaded from elsewhere. */
export function reportPage(input: ReportInput): string {
  const { result, record, acts } = input
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>premortem drill ${result.scenario}: ${result.passed ? 'passed' : 'failed'}</title>
<style>${trusted(STYLE)}</style>
</head>
<body><main>
${head(input)}
${tiles(result)}
<h2>Before the release: what the check said</h2>
${checkCard(result)}
<h2>2024, and both acts of today</h2>
${comparison(result, record)}
<h2>The curves over each other</h2>
${charts(input)}
<h2>The cause, as named in the guarded act</h2>
${causeCard(acts.guarded)}
<h2>What the drill had to reach</h2>
${numbers(result)}
<h2>No payment lost, none paid twice</h2>
${reconciliation(acts)}
<h2>What happened, side by side</h2>
${timelines(acts)}
<h2>How to read this page</h2>
${reading(input)}
<footer>Written by premortem from the ledger of ${result.drill}.</footer>
</main></body>
</html>
`
  return page.text
}
