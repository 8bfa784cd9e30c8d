/** Wrapping, cutting and numbers that all text reports share. */
import { ms } from '../../../base/time.ts'
import { figure, spanText } from '../../wording.ts'
import type { CheckResult, PlanReport } from '../result.ts'

/** Words on lines of at most `width`; a longer word stands alone. Every line begins with `indent`. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(indent + line)
      line = word
    } else line = longer
  }
  if (line !== '') lines.push(indent + line)
  return lines
}

/** At most `width` characters, the last an ellipsis where something is missing. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`

/** On one line. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** `1,240/min`, or that nobody counted. */
export const callsText = (calls: number | null): string =>
  calls === null ? 'calls not counted' : `${figure(calls)} calls/min`

/** `45 s to 4 min` */
export function durationText(estimate: { readonly lowMs: number; readonly highMs: number }): string {
  if (estimate.highMs <= 100) return 'at once'
  const [low, high] = [spanText(ms(estimate.lowMs)), spanText(ms(estimate.highMs))]
  return low === high ? high : `${low} to ${high}`
}

/** `1.2 GB` */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${figure(value)} ${units[unit]}`
}

/** How a plan is called: the query's name, or its beginning. */
export const titleOf = (plan: Pick<PlanReport, 'name' | 'query'>): string => plan.name ?? oneLine(plan.query)

/** `Cost 1,234 → 84,000 (×68)` */
export function costLine(plan: PlanReport): string {
  const ratio = plan.costBefore > 0 ? ` (×${figure(plan.costAfter / plan.costBefore)})` : ''
  return `cost ${figure(plan.costBefore)} → ${figure(plan.costAfter)}${ratio}`
}

/** `63 ms → 262 ms, within a factor of 2`; null when nobody measured. */
export function timeLine(plan: PlanReport): string | null {
  if (plan.estimatedMs === null) return null
  const { before, after, error } = plan.estimatedMs
  return `time ${spanText(ms(before))} → ${spanText(ms(after))}, ${error}`
}

/** Plans that got worse, and plans that got better. */
export const worse = (result: CheckResult): readonly PlanReport[] => result.plans.filter((plan) => plan.regressed)
export const better = (result: CheckResult): readonly PlanReport[] =>
  result.plans.filter((plan) => plan.change === 'improved')

/** The first sentence of every report. */
export function headline(result: CheckResult): string {
  const what = result.release === null ? 'This change' : `Release ${result.release}`
  const count = (amount: number, one: string, many: string) => `${amount} ${amount === 1 ? one : many}`
  if (result.verdict === 'pass') {
    const looked = `${count(result.plans.length, 'query', 'queries')} planned at production's size`
    return `${what} passes: ${looked}, ${better(result).length > 0 ? `${better(result).length} better, none worse` : 'none worse'}.`
  }
  const bad = worse(result)
  const [worst] = bad
  const errors = result.findings.filter((one) => one.severity === 'error').length
  const reasons = [
    ...(worst === undefined
      ? []
      : [
          bad.length === 1
            ? `${titleOf(worst)} gets a worse plan`
            : `${bad.length} queries get worse plans, ${titleOf(worst)} above all`,
        ]),
    ...(result.rollbackSafety.verdict === 'unsafe' ? ['there is no safe way back'] : []),
    ...(errors > bad.length ? [count(errors - bad.length, 'further error', 'further errors')] : []),
  ]
  const why = reasons.length > 0 ? reasons.join('; ') : (result.why[0] ?? 'see below')
  return `${what} ${result.verdict === 'fail' ? 'is refused' : 'passes with warnings'}: ${why}.`
}
