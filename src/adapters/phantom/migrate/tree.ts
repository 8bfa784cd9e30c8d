/** What is read off a statement's syntax tree: kind, relations and roles that it names, options. */
import type { Node } from '@pgsql/types'
import type { ParsedStatement } from '../../../core/check/sql.ts'

/** As a statement writes it. */
export interface NamedRelation {
  readonly schema: string | null
  readonly name: string
}

const MAX_DEPTH = 200

/** Visits every object of a tree; trees deeper than MAX_DEPTH are looked at down to there. */
function visit(value: unknown, look: (record: Readonly<Record<string, unknown>>) => void, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return
  if (!Array.isArray(value)) look(value as Readonly<Record<string, unknown>>)
  for (const inner of Object.values(value)) visit(inner, look, depth + 1)
}

/** `AlterTableStmt`; null where there is no tree. */
export const kindOf = (node: Node | null): string | null => (node === null ? null : (Object.keys(node)[0] ?? null))

/** Every relation that it names, in order. */
export function relationsIn(node: Node | null): readonly NamedRelation[] {
  const found: NamedRelation[] = []
  visit(node, ({ relname, schemaname }) => {
    if (typeof relname === 'string')
      found.push({ schema: typeof schemaname === 'string' ? schemaname : null, name: relname })
  })
  return found
}

/** Roles that must be there for it: those of GRANT, OWNER TO, policies and the like. */
export function rolesIn(node: Node | null): readonly string[] {
  const found: string[] = []
  visit(node, ({ rolename, roletype }) => {
    if (typeof rolename === 'string' && roletype === 'ROLESPEC_CSTRING') found.push(rolename)
  })
  return found
}

/** `CONCURRENTLY`, `FULL` and other options of VACUUM, REINDEX, CLUSTER: on unless said otherwise. */
export function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((option) => {
    if (!('DefElem' in option) || option.DefElem.defname !== name) return false
    const value = JSON.stringify(option.DefElem.arg ?? true).toLowerCase()
    return !/"(false|off|0)"|"boolean":\{\}|"integer":\{\}|"boolval":false/.test(value)
  })
}

/** `savepoint` stands for SAVEPOINT, RELEASE and two-phase commits: they end nothing. */
export type TransactionStep = 'begin' | 'commit' | 'rollback' | 'partial-rollback' | 'savepoint'

/** What a statement does to the transaction; null for others. */
export function transactionStep(statement: ParsedStatement): TransactionStep | null {
  const { node } = statement
  if (node === null || !('TransactionStmt' in node)) return null
  const { kind } = node.TransactionStmt
  if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') return 'begin'
  if (kind === 'TRANS_STMT_COMMIT') return 'commit'
  if (kind === 'TRANS_STMT_ROLLBACK') return 'rollback'
  return kind === 'TRANS_STMT_ROLLBACK_TO' ? 'partial-rollback' : 'savepoint'
}

const CONCERNS_THE_SERVER = new Set([
  'CreatedbStmt',
  'DropdbStmt',
  'AlterDatabaseStmt',
  'AlterDatabaseSetStmt',
  'AlterDatabaseRefreshCollStmt',
  'AlterSystemStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'DropRoleStmt',
  'CreateSubscriptionStmt',
  'AlterSubscriptionStmt',
  'DropSubscriptionStmt',
])
/** Why a statement must not run on the phantom; null: it may. */
export function notRunHere(node: Node | null): string | null {
  if (node === null) return null
  const kind = kindOf(node) ?? ''
  if (CONCERNS_THE_SERVER.has(kind)) return 'not run here: it concerns the whole server or another one'
  const inner = Object.values(node)[0] as Readonly<Record<string, unknown>> | undefined
  if (inner?.objtype === 'OBJECT_DATABASE' || inner?.objectType === 'OBJECT_DATABASE')
    return 'not run here: it concerns a database by its name in production'
  if ('CopyStmt' in node && node.CopyStmt.is_from === true)
    return 'not run here: rows that COPY reads are not loaded into an empty database'
  return null
}
