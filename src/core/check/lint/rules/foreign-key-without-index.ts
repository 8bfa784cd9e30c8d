import type { Constraint, Node, RangeVar } from '@pgsql/types'
import type { ParsedStatement } from '../../sql.ts'
import type { KnownTable, LintRule, StatementContext } from '../rule.ts'
import { knownIndexes } from '../tree/known-indexes.ts'
import { nameOfRelation, type ObjectName, pick, pickAll, textsOf, written } from '../tree/pick.ts'
import { listed } from '../tree/wording.ts'

/** Rows from which a delete in the other table notices that it reads all of this one. */
const LARGE_ROWS = 100_000

interface ForeignKey {
  readonly relation: ObjectName
  readonly columns: readonly string[]
  readonly constraint: Constraint
}

/** Column lists of the keys that the constraints of a column or a table make: each has an index. */
function keysOf(constraint: Constraint, column: string | null): readonly (readonly string[])[] {
  if (constraint.contype !== 'CONSTR_PRIMARY' && constraint.contype !== 'CONSTR_UNIQUE') return []
  return [column === null ? textsOf(constraint.keys) : [column]]
}

interface Declared {
  readonly relation: RangeVar | undefined
  readonly constraints: readonly { readonly constraint: Constraint; readonly column: string | null }[]
}

function declaredIn(nodes: readonly Node[] | undefined): Declared['constraints'] {
  const alone = pickAll(nodes, 'Constraint').map((constraint) => ({ constraint, column: null }))
  const behind = pickAll(nodes, 'ColumnDef').flatMap((column) =>
    pickAll(column.constraints, 'Constraint').map((constraint) => ({ constraint, column: column.colname ?? '' })),
  )
  return [...alone, ...behind]
}

/** All constraints that a CREATE TABLE or ALTER TABLE declares. */
function declared({ node }: ParsedStatement): Declared | null {
  const create = pick(node, 'CreateStmt')
  if (create !== null) return { relation: create.relation, constraints: declaredIn(create.tableElts) }
  const alter = pick(node, 'AlterTableStmt')
  if (alter === null) return null
  const definitions = pickAll(alter.cmds, 'AlterTableCmd').flatMap(({ def }) => def ?? [])
  return { relation: alter.relation, constraints: declaredIn(definitions) }
}

function foreignKeys(statement: ParsedStatement): readonly ForeignKey[] {
  const found = declared(statement)
  if (found === null || found.relation?.relpersistence === 't') return []
  const relation = nameOfRelation(found.relation)
  return found.constraints.flatMap(({ constraint, column }) => {
    if (constraint.contype !== 'CONSTR_FOREIGN') return []
    const columns = column === null ? textsOf(constraint.fk_attrs) : [column]
    return [{ relation, columns, constraint }]
  })
}

/** The key's columns, in any order, are the first of the index. */
const supports = (index: readonly (string | null)[], key: readonly string[]) =>
  index.slice(0, key.length).every((column) => column !== null && key.includes(column)) && index.length >= key.length

const sameTable = (one: ObjectName, other: ObjectName) =>
  one.name === other.name && (one.schema ?? 'public') === (other.schema ?? 'public')

/** Column lists of what a statement indexes on that table. */
function indexedBy(statement: ParsedStatement, table: ObjectName): readonly (readonly (string | null)[])[] {
  const index = pick(statement.node, 'IndexStmt')
  if (index !== null) {
    if (!sameTable(nameOfRelation(index.relation), table) || index.whereClause !== undefined) return []
    return [pickAll(index.indexParams, 'IndexElem').map(({ name }) => name ?? null)]
  }
  // The name first: a long file is looked through for each key.
  const relation = pick(statement.node, 'CreateStmt')?.relation ?? pick(statement.node, 'AlterTableStmt')?.relation
  if (relation === undefined || !sameTable(nameOfRelation(relation), table)) return []
  const found = declared(statement)
  if (found === null) return []
  return found.constraints.flatMap(({ constraint, column }) => keysOf(constraint, column))
}

function isSupported(context: StatementContext, key: ForeignKey, table: KnownTable | null): boolean {
  if (knownIndexes(table).some((index) => index.usable && supports(index.columns, key.columns))) return true
  const coming = [context.statement, ...context.after, ...(context.later ?? [])]
  return coming.some((one) => indexedBy(one, key.relation).some((columns) => supports(columns, key.columns)))
}

/** PostgreSQL indexes the side that is pointed to, never the side that points. */
export const foreignKeyWithoutIndex: LintRule = {
  id: 'foreign-key-without-index',
  title: 'Foreign key whose columns have no index',
  squawk: [],
  level: 'note',
  defaultOn: true,
  statement: (context) =>
    foreignKeys(context.statement).flatMap((key) => {
      const table = context.table(key.relation.schema, key.relation.name)
      if (isSupported(context, key, table)) return []
      const name = written(key.relation)
      const columns = key.columns.map((one) => written(one))
      const isLarge = table !== null && !table.isNew && (table.rows ?? 0) >= LARGE_ROWS
      const concurrently =
        table?.isNew === true || pick(context.statement.node, 'CreateStmt') !== null ? '' : ' CONCURRENTLY'
      return [
        {
          location: key.constraint.location ?? 0,
          ...(isLarge ? { level: 'warning' as const } : {}),
          message: `No index of ${name} begins with ${listed(columns)}: each DELETE, and each change of a key, in ${written(nameOfRelation(key.constraint.pktable))} reads all of ${name}, under a lock.`,
          remedy: `CREATE INDEX${concurrently} ON ${name} (${columns.join(', ')}).`,
          table,
        },
      ]
    }),
}
