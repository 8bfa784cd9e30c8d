/** Comments that ignore findings, and what they cover. */
import { tokens, UnterminatedSql } from '../../postgres/scan.ts'
import type { IgnoreComment, ParsedStatement } from '../sql.ts'

const MARK = /^(?:--|\/\*)\s*(premortem|squawk)-ignore(-file)?\b[ \t]*:?(.*?)(?:\*\/)?\s*$/s
const MAYBE = /(?:premortem|squawk)-ignore/
/** Comments in bodies within bodies. */
const MAX_DEPTH = 3

const listOf = (text: string): readonly string[] =>
  text
    .split(/[\s,]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '')

function commentOf(comment: string, line: number): IgnoreComment | null {
  const [all, dialect, file, rest = ''] = MARK.exec(comment) ?? []
  if (all === undefined) return null
  const scope = file === undefined ? 'statement' : 'file'
  if (dialect === 'squawk') return { rules: listOf(rest), reason: null, line, scope, dialect }
  const colon = rest.indexOf(':')
  const reason = colon === -1 ? '' : rest.slice(colon + 1).trim()
  const rules = listOf(colon === -1 ? rest : rest.slice(0, colon))
  return { rules, reason: reason === '' ? null : reason, line, scope, dialect: 'premortem' }
}

interface Scan {
  readonly line: number
  readonly depth: number
}

function commentsIn(text: string, { line: first, depth }: Scan, into: IgnoreComment[]): void {
  if (!MAYBE.test(text) || depth > MAX_DEPTH) return
  let [line, counted] = [first, 0]
  for (const token of tokens(text)) {
    const piece = text.slice(token.start, token.end)
    if (!MAYBE.test(piece)) continue
    line += text.slice(counted, token.start).split('\n').length - 1
    counted = token.start
    if (token.kind === 'blank') {
      const found = commentOf(piece, line)
      if (found !== null) into.push(found)
    } else if (piece.startsWith('$')) {
      // The body of a DO block has comments of its own.
      const tag = /^\$\w*\$/.exec(piece)?.[0] ?? ''
      commentsIn(piece.slice(tag.length, -tag.length), { line, depth: depth + 1 }, into)
    }
  }
}

/** All ignore comments of a text, in order; as far as it can be read, when a quote never ends. */
export function ignoreCommentsIn(text: string): readonly IgnoreComment[] {
  const found: IgnoreComment[] = []
  try {
    commentsIn(text, { line: 1, depth: 0 }, found)
  } catch (error) {
    if (!(error instanceof UnterminatedSql)) throw error
  }
  return found
}

const lastLine = ({ line, sql }: ParsedStatement): number => line + sql.split('\n').length - 1

/**
 * The statement that a comment is about: the one that it stands in or behind on the same line, else the next. Null for
 * none. A DO block that it covers is covered with all that is in it: see `covers`.
 */
export function targetOf(ignore: IgnoreComment, statements: readonly ParsedStatement[]): ParsedStatement | null {
  const around = statements.filter((one) => one.line <= ignore.line && ignore.line <= lastLine(one))
  // Within a DO block the comment is about a statement of the block, if one follows.
  const inner = statements.find((one) => one.origin === 'do-block' && one.line > ignore.line)
  const block = around.find(({ node }) => node !== null && 'DoStmt' in node)
  if (block !== undefined && inner !== undefined && inner.line <= lastLine(block)) {
    return around.find(({ origin }) => origin === 'do-block') ?? inner
  }
  return around.at(-1) ?? statements.find((one) => one.line > ignore.line) ?? null
}

/** True when the comment's target is the statement, or a DO block that the statement stands in. */
export function covers(target: ParsedStatement, statement: ParsedStatement): boolean {
  if (target === statement) return true
  const inside = statement.offset >= target.offset && statement.offset <= target.offset + target.sql.length
  return statement.origin === 'do-block' && inside && target.node !== null && 'DoStmt' in target.node
}
