/** A check's result for people at a terminal. */
import { ms } from '../../../base/time.ts'
import { spanText } from '../../wording.ts'
import type { Finding } from '../finding.ts'
import type { AppliedStatement } from '../plans.ts'
import type { CheckResult } from '../result.ts'
import { headline } from './headline.ts'
import { findingsByFile, otherFindings, rollbackWords, triedOn } from './story.ts'
import { andMore, heading, type Lines, type Page } from './terminal-page.ts'
import { improvementLines, regressionLines } from './terminal-plans.ts'
import { bytesText, cut, durationText, fileName, lockText, oneLine, shortTitleOf, wrap } from './text.ts'

const MIN_WIDTH = 60
const MAX_WIDTH = 180
const MAX_FINDINGS = 60
const MAX_STATEMENTS = 40
const MAX_SMALL_PRINT = 20
const MAX_BROKEN = 20
/** A lock that is held longer is felt. */
const FELT_MS = 1000

function findingLines(finding: Finding, { paint, width, frame }: Page): Lines {
  const tone = { error: paint.red, warning: paint.yellow, note: paint.dim }[finding.severity]
  const place = finding.line === null ? '' : `${paint.cyan(`line ${finding.line}`)} `
  return [
    `  ${tone(finding.severity)} ${place}${paint.dim(finding.rule)}`,
    ...wrap(finding.message, width, '    '),
    ...(frame?.(finding) ?? []).map((line) => `    ${line}`),
    ...wrap(`do: ${finding.remedy}`, width, { first: '    ', rest: '        ' }).map(paint.dim),
  ]
}

function findings(result: CheckResult, page: Page): Lines {
  const all = otherFindings(result)
  if (all.length === 0) return []
  let left = MAX_FINDINGS
  const lines = findingsByFile(result).flatMap((group) => {
    const shown = group.findings.slice(0, left)
    left -= shown.length
    if (shown.length === 0) return []
    const head = group.file === null ? 'about the check itself' : page.paint.cyan(group.file)
    return [`  ${head}`, ...shown.flatMap((finding) => findingLines(finding, page))]
  })
  return [...heading(`Findings (${all.length})`, page), ...lines, ...andMore(all.length - MAX_FINDINGS, page)]
}

function rollback(result: CheckResult, page: Page): Lines {
  const { paint, width } = page
  const safety = result.rollbackSafety
  const tone = { safe: paint.green, regressed: paint.yellow, unsafe: paint.red, unknown: paint.yellow }[safety.verdict]
  const mark = { safe: '✓', regressed: '!', unsafe: '✗', unknown: '?' }[safety.verdict]
  return [
    ...heading(`Rollback to ${safety.target ?? 'the release before'}`, page),
    ...wrap(`${mark} ${rollbackWords(result)}`, width, { first: '  ', rest: '    ' }).map(tone),
    ...safety.broken.slice(0, MAX_BROKEN).flatMap((query) => {
      const since = query.blamedOn === null ? '' : ` Since ${query.blamedOn.file}:${query.blamedOn.line}.`
      return wrap(`- ${shortTitleOf(query)} (${triedOn(query)}): ${query.reason}.${since}`, width, {
        first: '    ',
        rest: '      ',
      })
    }),
    ...andMore(safety.broken.length - MAX_BROKEN, page),
    ...safety.sequence.flatMap((sentence) => wrap(sentence, width, { first: '  ', rest: '     ' })),
  ]
}

/** Statements whose transaction has several: what one locks stays locked until the last is done. */
function held(statements: readonly AppliedStatement[]): number {
  const [first] = statements
  return first === undefined ? 0 : statements.filter((one) => one.transaction === first.transaction).length
}

function statementLines(
  one: AppliedStatement,
  { first, page }: { readonly first: number; readonly page: Page },
): Lines {
  const { paint, width } = page
  const place = `${fileName(one.file)}:${one.line}`
  const long = one.estimate.highMs > FELT_MS
  const what = `${lockText(one)}, ${durationText(one.estimate)}${long ? `: ${one.estimate.basis}` : ''}`
  const invalid = one.invalid.length === 0 ? [] : [paint.red(`leaves INVALID: ${one.invalid.join(', ')}`)]
  const indent = '      '
  return [
    `  ${paint.cyan(place.padEnd(first))}  ${cut(oneLine(one.sql), Math.max(20, width - first - 4))}`,
    ...wrap(what, width, indent).map(long ? paint.yellow : paint.dim),
    ...invalid.map((line) => `${indent}${line}`),
  ]
}

function migration(result: CheckResult, page: Page): Lines {
  const { migration: statements } = result
  if (statements.length === 0) return []
  const shown = statements.slice(0, MAX_STATEMENTS)
  const first = Math.max(...shown.map((one) => `${fileName(one.file)}:${one.line}`.length))
  const transactions = new Set(statements.map((one) => one.transaction)).size
  const together = transactions === 1 && held(statements) > 1
  const note = together
    ? wrap('All in one transaction: each lock is held until the last statement is done.', page.width, '  ').map(
        page.paint.dim,
      )
    : []
  return [
    ...heading('What the migration does', page),
    ...note,
    ...shown.flatMap((one) => statementLines(one, { first, page })),
    ...andMore(statements.length - MAX_STATEMENTS, page),
  ]
}

function checklist(result: CheckResult, page: Page): Lines {
  if (result.checklist.length === 0) return []
  const { paint, width } = page
  const marks = { yes: paint.green('✓'), no: paint.red('✗'), unknown: paint.yellow('?') }
  return [
    ...heading('Review checklist', page),
    ...result.checklist.flatMap((one) => [
      ...wrap(one.item, width - 4).map((line, at) => `  ${at === 0 ? marks[one.answer] : ' '} ${line}`),
      ...wrap(one.because, width, '      ').map(paint.dim),
    ]),
  ]
}

function smallPrint(result: CheckResult, page: Page): Lines {
  const { paint, width } = page
  const all = [
    ...result.assumptions,
    ...result.unplanned.map((one) => `Not planned: ${shortTitleOf(one)}: ${one.reason}`),
    ...result.skipped.map((one) => `Left out: ${one.object}: ${one.reason}`),
    ...result.missing.map(
      (one) =>
        `Not in the snapshot: ${one.what}: ${one.why}${one.grant === null ? '' : `; to change that: ${one.grant}`}`,
    ),
    ...result.unusedIndexes.map((one) => `Index ${one.index} on ${one.table} (${bytesText(one.bytes)}): ${one.why}`),
  ]
  if (all.length === 0) return []
  const bullets = all
    .slice(0, MAX_SMALL_PRINT)
    .flatMap((one) => wrap(one, width, { first: '  - ', rest: '    ' }).map(paint.dim))
  return [...heading('Good to know', page), ...bullets, ...andMore(all.length - MAX_SMALL_PRINT, page)]
}

/**
 * The report, ending with a newline.
 * @param terminal its columns and colours; two plans stand beside one another from 110 columns on
 */
export function terminalReport(result: CheckResult, terminal: Page): string {
  const { paint } = terminal
  const page: Page = { ...terminal, width: Math.max(MIN_WIDTH, Math.min(terminal.width, MAX_WIDTH)) }
  const badge = { pass: paint.green('PASS'), warn: paint.yellow('WARN'), fail: paint.red('FAIL') }[result.verdict]
  const [first = '', ...more] = wrap(headline(result), page.width - 6)
  const total = result.timings.total
  const lines = [
    `${paint.bold(badge)}  ${paint.bold(first)}`,
    ...more.map((line) => `      ${paint.bold(line)}`),
    ...regressionLines(result, page),
    ...improvementLines(result, page),
    ...findings(result, page),
    ...rollback(result, page),
    ...migration(result, page),
    ...checklist(result, page),
    ...smallPrint(result, page),
    ...(total === undefined ? [] : ['', paint.dim(`checked in ${spanText(ms(total))}`)]),
  ]
  return `${lines.join('\n')}\n`
}
