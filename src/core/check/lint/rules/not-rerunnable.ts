import type { ObjectType } from '@pgsql/types'
import type { LintEdit, LintHit, LintRule, StatementContext } from '../rule.ts'
import { alterActions, pick } from '../tree/pick.ts'

/** DROP of these kinds, with the words behind which IF EXISTS stands. */
const DROP_WORDS: ReadonlyMap<ObjectType, RegExp> = new Map([
  ['OBJECT_TABLE', /^drop\s+table/i],
  ['OBJECT_VIEW', /^drop\s+view/i],
  ['OBJECT_MATVIEW', /^drop\s+materialized\s+view/i],
  ['OBJECT_INDEX', /^drop\s+index(\s+concurrently)?/i],
  ['OBJECT_SEQUENCE', /^drop\s+sequence/i],
  ['OBJECT_TYPE', /^drop\s+type/i],
  ['OBJECT_SCHEMA', /^drop\s+schema/i],
  ['OBJECT_EXTENSION', /^drop\s+extension/i],
  ['OBJECT_FUNCTION', /^drop\s+function/i],
  ['OBJECT_TRIGGER', /^drop\s+trigger/i],
])

/** Puts IF EXISTS behind the words; null when comments stand between them. */
function insertBehind(
  words: RegExp,
  text: { readonly sql: string; readonly at: number },
  insert: string,
): readonly LintEdit[] | null {
  const { sql, at } = text
  const end = words.exec(sql.slice(at))?.[0].length
  return end === undefined ? null : [{ from: at + end, to: at + end, insert }]
}

const hit = (what: string, insert: string, rest: Partial<LintHit> = {}): LintHit => ({
  message: `${what} fails when it runs a second time, and nothing undoes the statements before it: outside a transaction a half-applied file cannot be run again.`,
  remedy: `Write ${insert}.`,
  ...rest,
})

function dropHits(context: StatementContext): readonly LintHit[] {
  const drop = pick(context.statement.node, 'DropStmt')
  const words = drop?.removeType === undefined ? undefined : DROP_WORDS.get(drop.removeType)
  if (drop === null || drop.missing_ok === true || words === undefined) return []
  const fix = insertBehind(words, { sql: context.statement.sql, at: 0 }, ' IF EXISTS')
  return [hit('DROP without IF EXISTS', 'IF EXISTS', fix === null ? {} : { fix })]
}

function alterHits(context: StatementContext): readonly LintHit[] {
  const { sql } = context.statement
  return alterActions(context, ['AT_AddColumn', 'AT_DropColumn', 'AT_DropConstraint']).flatMap((action) => {
    const { command, location } = action
    if (command.missing_ok === true) return []
    if (command.subtype === 'AT_AddColumn') {
      const fix = insertBehind(/^add\s+column/i, { sql, at: location }, ' IF NOT EXISTS')
      return [hit('ADD COLUMN without IF NOT EXISTS', 'IF NOT EXISTS', { location, ...(fix === null ? {} : { fix }) })]
    }
    const fix = insertBehind(/^drop\s+(column|constraint)/i, { sql, at: location }, ' IF EXISTS')
    return [hit('DROP without IF EXISTS', 'IF EXISTS', { location, ...(fix === null ? {} : { fix }) })]
  })
}

function createHits(context: StatementContext): readonly LintHit[] {
  const { node } = context.statement
  const index = pick(node, 'IndexStmt')
  if (index !== null && index.concurrent === true && index.if_not_exists !== true)
    return [
      hit(
        'CREATE INDEX CONCURRENTLY without IF NOT EXISTS',
        'DROP INDEX CONCURRENTLY IF EXISTS before it: a build that failed leaves an invalid index, which IF NOT EXISTS alone would keep',
      ),
    ].filter(() => !context.before.some((one) => pick(one.node, 'DropStmt')?.removeType === 'OBJECT_INDEX'))
  const made =
    pick(node, 'CreateStmt') ??
    pick(node, 'CreateSeqStmt') ??
    pick(node, 'CreateSchemaStmt') ??
    pick(node, 'CreateExtensionStmt') ??
    index
  if (made === null || made.if_not_exists === true) return []
  return [hit('CREATE without IF NOT EXISTS', 'IF NOT EXISTS')]
}

/** Outside a transaction a file can stop in the middle; then it must be possible to run it again. */
export const notRerunnable: LintRule = {
  id: 'not-rerunnable',
  title: 'Cannot be run again after it stopped in the middle',
  squawk: ['prefer-robust-stmts'],
  level: 'note',
  // Migrations that run in a transaction need none of it, and elsewhere it is a house rule.
  defaultOn: false,
  statement: (context) =>
    context.transaction !== null || context.statement.origin === 'do-block'
      ? []
      : [...dropHits(context), ...alterHits(context), ...createHits(context)],
}
