/** JUnit XML, as CI servers show it: the verdict and the rollback, a case a rule that found something, a case a plan. */
import type { Finding } from '../finding.ts'
import type { CheckResult, PlanReport } from '../result.ts'
import { headline } from './headline.ts'
import { rowsOf } from './plan-rows.ts'
import { ruleTitle } from './rule-titles.ts'
import { guiltOf, otherFindings, rollbackWords } from './story.ts'
import { numbersOf, titleOf } from './text.ts'

const MAX_PLANS = 2000

/** What XML 1.0 has no way to write. */
const NOT_XML = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu

const escapeXml = (text: string): string =>
  text.replace(NOT_XML, '\ufffd').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** In an attribute a line break would become a space. */
const attribute = (text: string): string => escapeXml(text).replace(/[\n\r\t]/g, (one) => `&#${one.charCodeAt(0)};`)

interface Case {
  readonly name: string
  readonly group: string
  readonly file: string | null
  /** What is told; empty for nothing. */
  readonly text: string
  /** Why it fails; null when it does not. */
  readonly failure: { readonly message: string; readonly type: string } | null
}

function caseXml({ name, group, file, text, failure }: Case): string {
  const at = file === null ? '' : ` file="${attribute(file)}"`
  const head = `    <testcase name="${attribute(name)}" classname="${attribute(group)}"${at}`
  if (failure === null && text === '') return `${head}/>`
  if (failure === null) return `${head}>\n      <system-out>${escapeXml(text)}</system-out>\n    </testcase>`
  const { message, type } = failure
  return `${head}>\n      <failure message="${attribute(message)}" type="${attribute(type)}">${escapeXml(text)}</failure>\n    </testcase>`
}

function suiteXml(name: string, cases: readonly Case[]): string {
  if (cases.length === 0) return ''
  const failures = cases.filter((one) => one.failure !== null).length
  return `  <testsuite name="${attribute(name)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">\n${cases.map(caseXml).join('\n')}\n  </testsuite>\n`
}

/** True when a condition made the check fail: what only warns must not turn a pipeline red. */
const decided = ({ verdict, why }: CheckResult, rule: string): boolean =>
  verdict === 'fail' && why.some((one) => one === rule || one.startsWith(`${rule} at `) || one.startsWith(`${rule}: `))

function verdictCase(result: CheckResult): Case {
  const message = headline(result)
  const failure = result.verdict === 'fail' ? { message, type: 'verdict' } : null
  return { name: 'verdict', group: 'premortem', file: null, text: [message, ...result.why].join('\n'), failure }
}

/** One case a rule that found something. */
function ruleCases(result: CheckResult): readonly Case[] {
  const all = otherFindings(result)
  return [...new Set(all.map((one) => one.rule))].sort().map((rule) => {
    const own = all.filter((one) => one.rule === rule)
    const place = (one: Finding) => (one.file === null ? '' : ` ${one.file}:${one.line ?? 1}`)
    return {
      name: `${rule}: ${ruleTitle(rule)}`,
      group: 'premortem.rules',
      file: own[0]?.file ?? null,
      text: own.map((one) => `${one.severity}${place(one)}\n${one.message}\nDo: ${one.remedy}`).join('\n\n'),
      failure: decided(result, rule) ? { message: own[0]?.message ?? rule, type: rule } : null,
    }
  })
}

function planText(plan: PlanReport): string {
  const rows = rowsOf(plan)
  const side = (which: 'before' | 'after') => rows.flatMap((row) => ('folded' in row ? [] : (row[which] ?? [])))
  const blame =
    plan.blamedOn === null ? [] : [`Since ${plan.blamedOn.file}:${plan.blamedOn.line}: ${plan.blamedOn.sql}`]
  const lines = [plan.message, numbersOf(plan), ...blame, '', 'Before:', ...side('before'), '', 'After:']
  return [...lines, ...side('after')].join('\n')
}

function planCases(result: CheckResult): readonly Case[] {
  const bad = new Map(guiltOf(result).flatMap((guilt) => guilt.regressions.map((one) => [one.plan, one.finding])))
  return result.plans.slice(0, MAX_PLANS).map((plan) => {
    const rule = bad.get(plan)?.rule ?? null
    const failed = rule !== null && decided(result, rule)
    return {
      name: titleOf(plan),
      group: 'premortem.plans',
      file: plan.blamedOn?.file ?? null,
      text: plan.regressed ? planText(plan) : '',
      failure: failed ? { message: plan.message, type: plan.change } : null,
    }
  })
}

function rollbackCase(result: CheckResult): Case {
  const { verdict, target, broken } = result.rollbackSafety
  const failed = decided(result, 'rollback-unsafe') || decided(result, 'rollback-regressed')
  return {
    name: `Rollback to ${target ?? 'the release before'}: ${verdict}`,
    group: 'premortem.rollback',
    file: null,
    text: broken.map((one) => `${titleOf(one)}: ${one.reason}`).join('\n'),
    failure: failed ? { message: rollbackWords(result), type: `rollback-${verdict}` } : null,
  }
}

/** The whole document. */
export function junitReport(result: CheckResult): string {
  const suites = [
    ['premortem', [verdictCase(result), rollbackCase(result)]],
    ['premortem rules', ruleCases(result)],
    ['premortem plans', planCases(result)],
  ] as const
  const all = suites.flatMap(([, cases]) => cases)
  const failures = all.filter((one) => one.failure !== null).length
  const seconds = ((result.timings.total ?? 0) / 1000).toFixed(3)
  const head = `<testsuites name="premortem check" tests="${all.length}" failures="${failures}" errors="0" time="${seconds}">`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suites.map(([name, cases]) => suiteXml(name, cases)).join('')}</testsuites>\n`
}
