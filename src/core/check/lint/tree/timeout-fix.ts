import type { LintEdit, StatementContext } from '../rule.ts'

/** Sets a timeout in front of the statement; null in a DO block, and where a comment must stay in front of the statement. */
export function timeoutFix(context: StatementContext, setting: string, value: string): readonly LintEdit[] | null {
  const { statement, file, transaction } = context
  if (statement.origin === 'do-block') return null
  const above = file.text.slice(0, statement.offset).trimEnd().split('\n').at(-1) ?? ''
  if (/-ignore\b/.test(above)) return null
  const set = transaction === null ? 'SET' : 'SET LOCAL'
  return [{ from: 0, to: 0, insert: `${set} ${setting} = '${value}';\n` }]
}
