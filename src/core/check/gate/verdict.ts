/** From what was found to pass, warn or fail. */
import type { Finding } from '../finding.ts'
import type { CheckResult, CheckVerdict } from '../result.ts'
import type { GateAction, GatePolicy } from './policy.ts'

type Judged = Pick<CheckResult, 'findings' | 'rollbackSafety' | 'unplanned'>

/** A condition that holds, with what it does. */
interface Holding {
  readonly action: GateAction
  readonly why: string
}

const BY_SEVERITY = { error: 'errors', warning: 'warnings', note: 'notes' } as const
/** Rules that are conditions of the policy by themselves. */
const CONDITION_RULES = ['plan-regression', 'query-costlier', 'plan-fragile', 'snapshot-old'] as const

/** A rule's own action wins over its condition's, and that over its severity's. */
function actionOf(finding: Finding, policy: GatePolicy): GateAction {
  const own = policy.rules[finding.rule]
  if (own !== undefined) return own
  const condition = CONDITION_RULES.find((name) => name === finding.rule)
  // A note stays a note, whatever its condition: it is below what the condition is about.
  if (condition !== undefined && finding.severity !== 'note') return policy[condition]
  return policy[BY_SEVERITY[finding.severity]]
}

const placeOf = ({ file, line }: Finding): string =>
  file === null ? '' : ` at ${file}${line === null ? '' : `:${line}`}`

const count = (amount: number, one: string, many: string): string => `${amount} ${amount === 1 ? one : many}`

function rollback({ verdict, target, broken }: Judged['rollbackSafety'], policy: GatePolicy): readonly Holding[] {
  const to = target === null ? 'the release before' : target
  const old = broken.filter((query) => query.code === 'old').length
  if (verdict === 'unsafe')
    return [
      {
        action: policy['rollback-unsafe'],
        why: `rollback-unsafe: ${count(old, 'query', 'queries')} of ${to} would fail on the new schema`,
      },
    ]
  if (verdict !== 'regressed') return []
  const slower = `${count(old, 'query', 'queries')} of ${to} would be slower on the new schema`
  return [{ action: policy['rollback-regressed'], why: `rollback-regressed: ${slower}` }]
}

/**
 * The verdict and which conditions made it, the decisive ones first. A check without a reason to warn or fail passes and
 * says how much it looked at elsewhere.
 */
export function verdictOf(
  result: Judged,
  policy: GatePolicy,
): { readonly verdict: CheckVerdict; readonly why: readonly string[] } {
  const holding: readonly Holding[] = [
    ...result.findings.map((finding) => ({
      action: actionOf(finding, policy),
      why: `${finding.rule}${placeOf(finding)}`,
    })),
    ...rollback(result.rollbackSafety, policy),
    ...(result.unplanned.length > 0
      ? [
          {
            action: policy.unplanned,
            why: `unplanned: ${count(result.unplanned.length, 'query', 'queries')} could not be planned`,
          },
        ]
      : []),
  ]
  const fails = holding.filter((one) => one.action === 'fail').map((one) => one.why)
  if (fails.length > 0) return { verdict: 'fail', why: [...new Set(fails)] }
  const warns = holding.filter((one) => one.action === 'warn').map((one) => one.why)
  return { verdict: warns.length > 0 ? 'warn' : 'pass', why: [...new Set(warns)] }
}
