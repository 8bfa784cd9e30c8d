import pc from 'picocolors'
import type { Finding } from '../../core/check/finding.ts'
import type { FindingSeverity } from '../../core/check/severity.ts'
import { frameOf } from './frame.ts'
import { countsOf, type Shown } from './shown.ts'
import { wrapped } from './wrap.ts'

/** More findings than this are told by rule. */
export const MAX_SINGLE_FINDINGS = 50
/** Places that are named of each rule then. */
const MAX_PLACES = 8

const COLOURS: Readonly<Record<FindingSeverity, (text: string) => string>> = {
  error: pc.red,
  warning: pc.yellow,
  note: pc.blue,
}
const RANK: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 1, note: 2 }

const plural = (count: number, what: string): string => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`

const placeOf = ({ file, line, column }: Finding): string => (file === null ? '' : `${file}:${line}:${column}`)

function one(finding: Finding, texts: ReadonlyMap<string, string>): readonly string[] {
  const text = finding.file === null ? undefined : texts.get(finding.file)
  const frame = text === undefined || finding.line === null ? [] : frameOf(text, finding.line, finding.column ?? 1)
  return [
    `${pc.bold(placeOf(finding))} ${COLOURS[finding.severity](finding.severity)} ${pc.bold(finding.rule)}`,
    ...frame.map((line) => `  ${line}`),
    ...wrapped(finding.message, '  '),
    ...wrapped(finding.remedy, `  ${pc.green('do:')} `, '      '),
    '',
  ]
}

/** The worst rule first, then the most frequent. */
function byRule(findings: readonly Finding[]): readonly string[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) groups.set(finding.rule, [...(groups.get(finding.rule) ?? []), finding])
  const worst = (group: readonly Finding[]) => Math.min(...group.map(({ severity }) => RANK[severity]))
  const sorted = [...groups.values()].sort((a, b) => worst(a) - worst(b) || b.length - a.length)
  return sorted.flatMap((group) => {
    const first = [...group].sort((a, b) => RANK[a.severity] - RANK[b.severity])[0]
    if (first === undefined) return []
    const places = group.slice(0, MAX_PLACES).map((finding) => `    ${placeOf(finding)} ${finding.severity}`)
    const more = group.length - places.length
    return [
      `${pc.bold(first.rule)} ${COLOURS[first.severity](first.severity)}, ${plural(group.length, 'place')}`,
      ...wrapped(`Such as ${placeOf(first)}: ${first.message}`, '  '),
      ...wrapped(first.remedy, `  ${pc.green('do:')} `, '      '),
      ...places,
      ...(more > 0 ? [`    and ${more.toLocaleString('en')} more; --json lists them all`] : []),
      '',
    ]
  })
}

function fixLines({ fixed, written }: Shown): readonly string[] {
  const applied = fixed.reduce((sum, file) => sum + file.applied.length, 0)
  const files = fixed.filter(({ applied: some }) => some.length > 0).length
  const refused = fixed.flatMap((file) => file.refused)
  const what = `${plural(applied, 'finding')} in ${plural(files, 'file')}`
  return [
    ...(applied > 0 ? [written ? `Fixed ${what}.` : `--fix would fix ${what}.`] : []),
    ...refused.map(({ finding, why }) => `Not fixed: ${placeOf(finding)} ${finding.rule}: ${why}.`),
  ]
}

function summary(shown: Shown): string {
  const counts = countsOf(shown)
  const files = plural(shown.files.length, 'file')
  if (counts.error + counts.warning + counts.note === 0) return pc.green(`No findings in ${files}.`)
  const parts = (['error', 'warning', 'note'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => COLOURS[severity](plural(counts[severity], severity)))
  const fixable = shown.result.fixes.length
  const hint = fixable > 0 && shown.fixed.length === 0 ? ` ${fixable} can be fixed with --fix.` : ''
  return `${parts.join(', ')} in ${files}.${hint}`
}

/** What a person reads. */
export function renderTerminal(shown: Shown): string {
  const { findings } = shown.result
  const texts = new Map(shown.files.map(({ path, text }) => [path, text]))
  const many = findings.length > MAX_SINGLE_FINDINGS
  const body = many ? byRule(findings) : findings.flatMap((finding) => one(finding, texts))
  const page = findings.length > 0 ? ['What a rule means: docs/rules/<rule>.md'] : []
  const remarks = shown.remarks.flatMap((remark) => wrapped(remark, `${pc.blue('note')} `, '     '))
  return `${[...body, ...fixLines(shown), ...remarks, summary(shown), ...page.map((line) => pc.dim(line))].join('\n')}\n`
}
