/** SARIF 2.1.0, as GitHub code scanning reads it. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */

import type { CheckResult } from '../result.ts'
import type { FindingSeverity } from '../severity.ts'
import { headline } from './headline.ts'
import { type Located, locatedFindings } from './located.ts'
import { rulePage, ruleTitle } from './rule-titles.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
/** GitHub shows no more than 5,000 of one run and refuses 25,000. */
const MAX_RESULTS = 5000

const LEVELS: Readonly<Record<FindingSeverity, string>> = { error: 'error', warning: 'warning', note: 'note' }

/** `relative/path` as a URI reference. */
const uriOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

function resultJson({ finding, file, line, fingerprint }: Located, ruleIndex: number) {
  const { rule, severity, message, remedy, column } = finding
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${message} ${remedy}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
          region: { startLine: line, ...(column === null ? {} : { startColumn: Math.max(1, column) }) },
        },
      },
    ],
    partialFingerprints: { 'premortem/v1': fingerprint },
  }
}

const ruleJson = (id: string) => ({
  id,
  name: id.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase()),
  shortDescription: { text: ruleTitle(id) },
  fullDescription: { text: ruleTitle(id) },
  helpUri: rulePage(id),
  help: { text: `See ${rulePage(id)}`, markdown: `[What it means and what to do](${rulePage(id)})` },
})

/** @param prefix see `locatedFindings` */
export function sarifReport(result: CheckResult, about: { readonly prefix: string; readonly version: string }): string {
  const all = locatedFindings(result, about.prefix)
  const shown = all.slice(0, MAX_RESULTS)
  const rules = [...new Set(shown.map((one) => one.finding.rule))].sort()
  const left = all.length - shown.length
  const cut = left > 0 ? ` ${left} further findings are in the JSON report only.` : ''
  const run = {
    tool: {
      driver: {
        name: 'premortem',
        informationUri: 'https://premortem.dev',
        version: about.version,
        semanticVersion: about.version,
        rules: rules.map(ruleJson),
      },
    },
    automationDetails: { id: 'premortem/check/' },
    originalUriBaseIds: { '%SRCROOT%': { description: { text: "The repository's root." } } },
    columnKind: 'utf16CodeUnits',
    properties: { verdict: result.verdict, headline: `${headline(result)}${cut}` },
    results: shown.map((one) => resultJson(one, rules.indexOf(one.finding.rule))),
  }
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`
}
