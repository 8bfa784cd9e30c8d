/** In which order a result is told: what got worse by whose fault, then the other findings file by file. */
import type { Finding } from '../finding.ts'
import type { CheckResult, PlanReport } from '../result.ts'
import type { FindingSeverity } from '../severity.ts'

/** Plans that got worse, the heaviest first. */
export const worse = (result: CheckResult): readonly PlanReport[] => result.plans.filter((plan) => plan.regressed)
/** Plans that got better. */
export const better = (result: CheckResult): readonly PlanReport[] =>
  result.plans.filter((plan) => plan.change === 'improved')

/** A query that got worse, with the finding that says so; null when a policy or a level took the finding out. */
export interface Regression {
  readonly plan: PlanReport
  readonly finding: Finding | null
}

/** All that one statement made worse. */
export interface Guilt {
  /** Null: no statement alone is to blame. */
  readonly blamedOn: PlanReport['blamedOn']
  readonly regressions: readonly Regression[]
}

const PLAN_RULES: ReadonlySet<string> = new Set(['plan-regression', 'plan-until-analyze'])
export const SEVERITIES: readonly FindingSeverity[] = ['error', 'warning', 'note']

/** A plan's finding begins with the plan's own sentences. */
const tells = (finding: Finding, plan: PlanReport): boolean =>
  PLAN_RULES.has(finding.rule) && plan.message !== '' && finding.message.startsWith(plan.message)

const placeOf = ({ blamedOn }: PlanReport): string => (blamedOn === null ? '' : `${blamedOn.file}:${blamedOn.line}`)

/** Regressions by the statement that caused them; in the result's order, which is by weight. */
export function guiltOf(result: CheckResult): readonly Guilt[] {
  const groups = new Map<string, { blamedOn: PlanReport['blamedOn']; regressions: Regression[] }>()
  for (const plan of worse(result)) {
    const finding = result.findings.find((one) => tells(one, plan)) ?? null
    const group = groups.get(placeOf(plan)) ?? { blamedOn: plan.blamedOn, regressions: [] }
    group.regressions.push({ plan, finding })
    groups.set(placeOf(plan), group)
  }
  return [...groups.values()]
}

/** Findings that the plans do not tell already. */
export function otherFindings(result: CheckResult): readonly Finding[] {
  const bad = worse(result)
  return result.findings.filter((finding) => !bad.some((plan) => tells(finding, plan)))
}

/** The findings of one file. */
export interface FileFindings {
  /** Null for what is about no file. */
  readonly file: string | null
  readonly findings: readonly Finding[]
}

const rank = (finding: Finding): number => SEVERITIES.indexOf(finding.severity)

/** File by file, in the order of the change, those about no file last; within a file the worst first, then by line. */
export function findingsByFile(result: CheckResult): readonly FileFindings[] {
  const all = otherFindings(result)
  const files = [...new Set([...result.files, ...all.map((one) => one.file)])].filter((one) => one !== null)
  const groups: readonly (string | null)[] = [...files, null]
  return groups.flatMap((file) => {
    const findings = all
      .filter((one) => one.file === file)
      .toSorted((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0))
    return findings.length === 0 ? [] : [{ file, findings }]
  })
}

const UNTIL_ANALYZE = ' It holds until ANALYZE has run.'

/** What a plan's message says, without the guilty line where that stands above it already. */
export function sentencesOf({ message, blamedOn }: PlanReport): string {
  const at = blamedOn === null ? -1 : message.indexOf(` Since ${blamedOn.file}:${blamedOn.line}, which `)
  if (at < 0) return message
  return `${message.slice(0, at)}${message.endsWith(UNTIL_ANALYZE) ? UNTIL_ANALYZE : ''}`
}

/** The remedy in two parts where it ends with SQL that is shown by itself. */
export function remedyOf({ plan, finding }: Regression): string | null {
  if (finding === null) return null
  const sql = plan.advice === null ? null : `${plan.advice.sql};`
  return sql === null ? finding.remedy : finding.remedy.replace(sql, '').trim()
}

/** The rollback in one sentence. */
export function rollbackWords({ rollbackSafety: { verdict, target } }: CheckResult): string {
  const to = target ?? 'the release before'
  return {
    safe: `safe: every query of ${to} that could be tried runs on the new schema`,
    regressed: `possible, but queries of ${to} are slower on the new schema`,
    unsafe: `not possible: queries of ${to} fail on the new schema`,
    unknown: 'nothing is known about the way back',
  }[verdict]
}

/** `old code on the new schema` */
export const triedOn = (of: { readonly code: 'old' | 'new'; readonly schema: 'old' | 'new' }): string =>
  `${of.code} code on the ${of.schema} schema`
