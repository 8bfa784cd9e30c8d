/** Findings as marks in a merge request: GitHub's workflow commands and GitLab's code quality. */
import type { CheckResult } from '../result.ts'
import type { FindingSeverity } from '../severity.ts'
import { headline } from './headline.ts'
import { type Located, locatedFindings } from './located.ts'
import { ruleTitle } from './rule-titles.ts'
import { oneLine } from './text.ts'

/** GitHub shows 10 errors, 10 warnings and 10 notices of a step; more would push the summary off the log. */
const MAX_OF_ONE_KIND = 10
/** Longer messages are cut by GitHub without a sign. */
const MAX_MESSAGE = 4000
const MAX_CODE_QUALITY = 5000

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, as @actions/core escapes. */
const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C')

const COMMANDS: Readonly<Record<FindingSeverity, string>> = { error: 'error', warning: 'warning', note: 'notice' }
const RANK: readonly FindingSeverity[] = ['error', 'warning', 'note']

function command({ finding, file, line }: Located): string {
  const { rule, severity, column, message, remedy } = finding
  const place = [
    // About no file: a mark on one would send people there.
    ...(finding.file === null ? [] : [`file=${property(file)}`, `line=${line}`]),
    ...(column === null ? [] : [`col=${Math.max(1, column)}`]),
    `title=${property(`${ruleTitle(rule)} (${rule})`)}`,
  ].join(',')
  return `::${COMMANDS[severity]} ${place}::${data(`${message}\nDo: ${remedy}`.slice(0, MAX_MESSAGE))}`
}

/**
 * A line that begins with `::` is a command to GitHub, with `##[` anywhere an old one, wherever it comes from: a query in
 * the report must not be one.
 */
const harmless = (line: string): string => line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '# #[')

/** The worst findings as annotations, then the whole report as the log shows it, folded; the verdict last. */
export function githubAnnotations(
  result: CheckResult,
  about: { readonly prefix: string; readonly log: string },
): string {
  const all = locatedFindings(result, about.prefix)
  const lines = RANK.flatMap((severity) => {
    const some = all.filter((one) => one.finding.severity === severity)
    const rest = some.length - MAX_OF_ONE_KIND
    const more = rest > 0 ? [`${rest} more of severity ${severity}: see the report below`] : []
    return [...some.slice(0, MAX_OF_ONE_KIND).map(command), ...more]
  })
  const report = about.log.trimEnd().split('\n').map(harmless)
  const verdict = harmless(`${result.verdict.toUpperCase()}  ${oneLine(headline(result))}`)
  return `${[...lines, '::group::premortem check', ...report, '::endgroup::', verdict].join('\n')}\n`
}

const SEVERITIES: Readonly<Record<FindingSeverity, string>> = { error: 'critical', warning: 'minor', note: 'info' }

/** https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function gitlabCodeQuality(result: CheckResult, prefix: string): string {
  const issues = locatedFindings(result, prefix)
    .slice(0, MAX_CODE_QUALITY)
    .map(({ finding, file, line, fingerprint }) => ({
      description: `${finding.message} ${finding.remedy}`,
      check_name: finding.rule,
      fingerprint,
      severity: SEVERITIES[finding.severity],
      location: { path: file, lines: { begin: line } },
    }))
  return `${JSON.stringify(issues, null, 2)}\n`
}
