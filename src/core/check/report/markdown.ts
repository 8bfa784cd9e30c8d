/**
 * A check's result as a comment on a pull request, for GitHub and GitLab.
 * M1 Every value is escaped: a query, a name or a message starts no markup, link or mention.
 * M2 Never longer than `MAX_COMMENT` characters; what was left out is said.
 */
import { ms } from '../../../base/time.ts'
import { atLineStart, codeSpan, escapeText } from '../../escape.ts'
import { spanText } from '../../wording.ts'
import type { Finding } from '../finding.ts'
import type { CheckResult } from '../result.ts'
import { headline } from './headline.ts'
import { details, improvementsMarkdown, regressionsMarkdown } from './markdown-plans.ts'
import { findingsByFile, otherFindings, rollbackWords, triedOn } from './story.ts'
import { bytesText, durationText, fileName, lockText, shortTitleOf } from './text.ts'

/** The first line of every comment: by it a bot finds the comment that it wrote before, and updates it. */
export const COMMENT_MARKER = '<!-- premortem-check -->'
/** GitHub refuses more than 65,536 characters; what a bot adds needs room, too. */
const MAX_COMMENT = 65_000
const MAX_FINDINGS = 50
const MAX_STATEMENTS = 30
const MAX_SMALL_PRINT = 20
const MAX_BROKEN = 20

const SIGNS = { pass: '✅', warn: '⚠️', fail: '❌' } as const
const LEVELS = { error: '🔴 error', warning: '🟡 warning', note: '⚪ note' } as const
const ANSWERS = { yes: '- [x]', no: '- [ ] ❌', unknown: '- [ ] ❓' } as const

/** A part of the comment; parts that do not fit are left out, the last first. */
interface Section {
  readonly title: string
  readonly body: string
}

/** A value that a line begins with. */
const line = (value: string): string => atLineStart(escapeText(value))

const andMore = (rest: number): string => (rest > 0 ? `\n\n_and ${rest} more; the JSON report has them all_` : '')

function findingItem(finding: Finding): string {
  const place = finding.line === null ? '' : ` line ${finding.line}`
  return `- ${LEVELS[finding.severity]}${place} ${codeSpan(finding.rule)}: ${escapeText(finding.message.trim())}\n  **Do:** ${escapeText(finding.remedy)}`
}

function findings(result: CheckResult): readonly Section[] {
  const all = otherFindings(result)
  if (all.length === 0) return []
  let left = MAX_FINDINGS
  const groups = findingsByFile(result).flatMap((group) => {
    const shown = group.findings.slice(0, left)
    left -= shown.length
    if (shown.length === 0) return []
    const head = group.file === null ? '_about the check itself_' : codeSpan(group.file)
    return [`${head}\n\n${shown.map(findingItem).join('\n')}`]
  })
  return [{ title: `Findings (${all.length})`, body: `${groups.join('\n\n')}${andMore(all.length - MAX_FINDINGS)}` }]
}

function rollback(result: CheckResult): Section {
  const { target, broken, sequence } = result.rollbackSafety
  const items = broken.slice(0, MAX_BROKEN).map((query) => {
    const since = query.blamedOn === null ? '' : ` Since ${codeSpan(`${query.blamedOn.file}:${query.blamedOn.line}`)}.`
    return `- ${codeSpan(shortTitleOf(query))} (${triedOn(query)}): ${escapeText(query.reason)}.${since}`
  })
  const steps = sequence.map((one) => `- ${line(one)}`)
  return {
    title: `Rollback to ${escapeText(target ?? 'the release before')}`,
    body: [
      `**${escapeText(rollbackWords(result))}**`,
      ...(items.length === 0 ? [] : [`${items.join('\n')}${andMore(broken.length - MAX_BROKEN)}`]),
      ...(steps.length === 0 ? [] : [steps.join('\n')]),
    ].join('\n\n'),
  }
}

function migration({ migration: statements }: CheckResult): readonly Section[] {
  if (statements.length === 0) return []
  const rows = statements
    .slice(0, MAX_STATEMENTS)
    .map(
      (one) =>
        `| ${codeSpan(`${fileName(one.file)}:${one.line}`, 'cell')} | ${codeSpan(shortTitleOf({ name: null, query: one.sql }), 'cell')} | ${escapeText(lockText(one), 'cell')} | ${escapeText(durationText(one.estimate), 'cell')} |`,
    )
  const table = ['| line | statement | strongest lock | held for |', '| --- | --- | --- | --- |', ...rows].join('\n')
  return [
    {
      title: 'What the migration does',
      body: details(`${statements.length} statements`, `${table}${andMore(statements.length - MAX_STATEMENTS)}`),
    },
  ]
}

function checklist(result: CheckResult): readonly Section[] {
  if (result.checklist.length === 0) return []
  const items = result.checklist.map((one) => `${ANSWERS[one.answer]} ${line(one.item)}: ${escapeText(one.because)}`)
  return [{ title: 'Review checklist', body: items.join('\n') }]
}

function smallPrint(result: CheckResult): readonly Section[] {
  const all = [
    ...result.assumptions.map(line),
    ...result.unplanned.map((one) => `Not planned: ${codeSpan(shortTitleOf(one))}: ${escapeText(one.reason)}`),
    ...result.skipped.map((one) => `Left out: ${codeSpan(one.object)}: ${escapeText(one.reason)}`),
    ...result.missing.map(
      (one) =>
        `Not in the snapshot: ${escapeText(one.what)}: ${escapeText(one.why)}${one.grant === null ? '' : `; to change that: ${codeSpan(one.grant)}`}`,
    ),
    ...result.unusedIndexes.map(
      (one) =>
        `Index ${codeSpan(one.index)} on ${codeSpan(one.table)} (${bytesText(one.bytes)}): ${escapeText(one.why)}`,
    ),
  ]
  if (all.length === 0) return []
  const items = all.slice(0, MAX_SMALL_PRINT).map((one) => `- ${one}`)
  return [
    {
      title: 'Good to know',
      body: details(`${all.length} remarks`, `${items.join('\n')}${andMore(all.length - MAX_SMALL_PRINT)}`),
    },
  ]
}

/** The head, then as many sections as fit, in the order of what matters. */
function fitted(head: string, sections: readonly Section[], foot: string): string {
  const said = (names: readonly string[]) =>
    `\n\n_Left out, because a comment holds no more: ${names.join(', ')}. The JSON and HTML reports have everything._`
  const longestNote = said(sections.map((one) => one.title)).length
  let text = head
  const out: string[] = []
  for (const { title, body } of sections) {
    const section = `\n\n### ${title}\n\n${body}`
    if (text.length + section.length + longestNote + foot.length <= MAX_COMMENT) text += section
    else out.push(title)
  }
  return `${text}${out.length === 0 ? '' : said(out)}${foot}`
}

/** The comment, ending with a newline. */
export function markdownReport(result: CheckResult): string {
  const total = result.timings.total
  const time = total === undefined ? '' : ` in ${spanText(ms(total))}`
  const head = `${COMMENT_MARKER}\n## ${SIGNS[result.verdict]} premortem check\n\n**${escapeText(headline(result))}**`
  const foot = `\n\n<sub>premortem checked ${result.plans.length} queries against ${result.files.length} migration files${time}.</sub>\n`
  const sections: readonly Section[] = [
    ...regressionsMarkdown(result).map((body, at) => ({
      title: at === 0 ? 'Plans that get worse' : 'Further plans that get worse',
      body,
    })),
    ...findings(result),
    rollback(result),
    ...checklist(result),
    ...improvementsMarkdown(result).map((body) => ({ title: 'Plans that get better', body })),
    ...migration(result),
    ...smallPrint(result),
  ]
  return fitted(head, sections, foot)
}
