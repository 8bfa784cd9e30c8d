/** The first sentence of every report: the verdict and what made it. */

import { ms } from '../../../base/time.ts'
import { figure, spanText } from '../../wording.ts'
import type { CheckResult, PlanReport } from '../result.ts'
import { better, worse } from './story.ts'
import { callsText, count, cut, fileName, oneLine, shortTitleOf } from './text.ts'

/** Conditions that are named one by one; the rest is counted. */
const MAX_NAMED = 2
const MAX_SQL = 70
const PLAN_RULES = /^plan-(regression|until-analyze)\b/

/** `ListPending (1,240 calls/min) take about 8.2 s instead of 63 ms` */
function takes(plan: PlanReport): string {
  const calls = plan.callsPerMinute === null ? '' : ` (${callsText(plan.callsPerMinute)})`
  const time = plan.estimatedMs
  if (time !== null && time.after > time.before)
    return `${shortTitleOf(plan)}${calls} take about ${spanText(ms(time.after))} instead of ${spanText(ms(time.before))}`
  return `${shortTitleOf(plan)}${calls} cost ${figure(plan.costAfter)} instead of ${figure(plan.costBefore)}`
}

function regressions(result: CheckResult): readonly string[] {
  const [worst, ...others] = worse(result)
  if (worst === undefined || !result.why.some((one) => PLAN_RULES.test(one))) return []
  const blame = worst.blamedOn
  const by =
    blame === null ? 'the change' : `${fileName(blame.file)}:${blame.line} (${cut(oneLine(blame.sql), MAX_SQL)})`
  const more =
    others.length === 0 ? [] : [`${count(others.length, 'more query gets', 'more queries get')} a worse plan`]
  return [`${by} makes ${takes(worst)}`, ...more]
}

/** `rule at folder/file.sql:18` without the folder: the files are named in full below. */
const withoutFolder = (why: string): string => why.replace(/ at (\S*\/)([^\s/]+)$/, ' at $2')

/** The conditions that decided, in words, most telling first. */
function reasons(result: CheckResult): readonly string[] {
  const { why, rollbackSafety } = result
  const failing = result.findings.find((one) => one.rule === 'migration-fails')
  const breaks = failing !== undefined && why.some((one) => one.startsWith('migration-fails'))
  const unsafe = why.some((one) => one.startsWith('rollback-unsafe'))
  const others = why
    .filter((one) => !PLAN_RULES.test(one) && !one.startsWith('rollback-unsafe') && !one.startsWith('migration-fails'))
    .map(withoutFolder)
  const shown = others.length <= MAX_NAMED + 1 ? others : others.slice(0, MAX_NAMED)
  const rest = others.length - shown.length
  return [
    ...(breaks ? [`the migration fails at ${failing.file ?? ''}:${failing.line ?? ''}`] : []),
    ...regressions(result),
    ...(unsafe ? [`there is no way back to ${rollbackSafety.target ?? 'the release before'}`] : []),
    ...shown,
    ...(rest > 0 ? [count(rest, 'further finding', 'further findings')] : []),
  ]
}

function passes(result: CheckResult): string {
  const { plans, rollbackSafety, findings, unplanned } = result
  const [up, down] = [better(result).length, worse(result).length]
  const looked =
    plans.length === 0
      ? 'there was no query to plan'
      : `${count(plans.length, 'query', 'queries')} planned at production's size, ${up > 0 ? `${up} better, ` : ''}${down > 0 ? `${down} a little worse` : 'none worse'}`
  const blind = unplanned.length === 0 ? [] : [`${count(unplanned.length, 'query', 'queries')} could not be planned`]
  const notes = findings.length === 0 ? [] : [count(findings.length, 'note', 'notes')]
  const back =
    rollbackSafety.verdict === 'safe'
      ? [`${rollbackSafety.target ?? 'the release before'} is a safe rollback target`]
      : []
  return [looked, ...blind, ...notes, ...back].join('; ')
}

/** One sentence, whatever the verdict. */
export function headline(result: CheckResult): string {
  const what = result.release === null ? 'This change' : `Release ${result.release}`
  if (result.verdict === 'pass') return `${what} passes: ${passes(result)}.`
  const said = reasons(result)
  const why = said.length > 0 ? said.join('; ') : 'see below'
  return `${what} ${result.verdict === 'fail' ? 'is refused' : 'passes with warnings'}: ${why}.`
}
