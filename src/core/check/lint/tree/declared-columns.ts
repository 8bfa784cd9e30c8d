/** Columns that a statement declares: those of CREATE TABLE, ADD COLUMN and ALTER COLUMN … TYPE. */
import type { ColumnDef, Constraint, Node, TypeName } from '@pgsql/types'
import type { KnownTable, StatementContext } from '../rule.ts'
import { alterActions, nameOfRelation, type ObjectName, pick, pickAll, textsOf } from './pick.ts'

/** A type as it was written, without its schema when that is `pg_catalog`. */
export interface DeclaredType {
  /** PostgreSQL's inner name where the grammar knows it (`int4`, `bpchar`, `timestamp`), else as written (`serial`). */
  readonly name: string
  /** False for a quoted or foreign name that only looks like a built-in one, such as `"char"`. */
  readonly fromGrammar: boolean
  readonly isArray: boolean
  /** Numbers in parentheses behind it. */
  readonly arguments: number
  /** Offset in the statement. */
  readonly location: number
}

/** One column that a statement declares. */
export interface DeclaredColumn {
  readonly how: 'create' | 'add' | 'retype'
  readonly relation: ObjectName
  /** Null for a table that CREATE TABLE makes. */
  readonly table: KnownTable | null
  readonly name: string
  readonly type: DeclaredType
  readonly definition: ColumnDef
  /** Constraints written behind the column. */
  readonly constraints: readonly Constraint[]
  /** The column alone is the primary key. */
  readonly isPrimaryKey: boolean
}

/** A type as a column definition writes it: name, array or not, length. */
export function typeFrom(type: TypeName | undefined): DeclaredType {
  const parts = textsOf(type?.names)
  return {
    name: parts.at(-1) ?? '',
    fromGrammar: parts.length === 1 || parts[0] === 'pg_catalog',
    isArray: (type?.arrayBounds ?? []).length > 0,
    arguments: (type?.typmods ?? []).length,
    location: type?.location ?? 0,
  }
}

function columnOf(
  definition: ColumnDef,
  rest: Pick<DeclaredColumn, 'how' | 'relation' | 'table' | 'name'> & { readonly primaryKey: readonly string[] },
): DeclaredColumn {
  const constraints = pickAll(definition.constraints, 'Constraint')
  const { primaryKey, ...place } = rest
  return {
    ...place,
    type: typeFrom(definition.typeName),
    definition,
    constraints,
    isPrimaryKey:
      constraints.some((one) => one.contype === 'CONSTR_PRIMARY') ||
      (primaryKey.length === 1 && primaryKey[0] === place.name),
  }
}

/** Columns of the PRIMARY KEY that stands on its own among the elements of a CREATE TABLE. */
export function tablePrimaryKey(elements: readonly Node[] | undefined): readonly string[] {
  const key = pickAll(elements, 'Constraint').find((one) => one.contype === 'CONSTR_PRIMARY')
  return textsOf(key?.keys)
}

/** See the head of this file. Temporary tables are left out: they are gone with the session. */
export function declaredColumns(context: StatementContext): readonly DeclaredColumn[] {
  const create = pick(context.statement.node, 'CreateStmt')
  if (create !== null) {
    if (create.relation?.relpersistence === 't') return []
    const relation = nameOfRelation(create.relation)
    const primaryKey = tablePrimaryKey(create.tableElts)
    return pickAll(create.tableElts, 'ColumnDef').map((definition) =>
      columnOf(definition, { how: 'create', relation, table: null, name: definition.colname ?? '', primaryKey }),
    )
  }
  return alterActions(context, ['AT_AddColumn', 'AT_AlterColumnType']).flatMap(({ command, relation, table }) => {
    const definition = pick(command.def, 'ColumnDef')
    if (definition === null) return []
    const how = command.subtype === 'AT_AddColumn' ? 'add' : 'retype'
    const name = definition.colname ?? command.name ?? ''
    return [columnOf(definition, { how, relation, table, name, primaryKey: [] })]
  })
}

const TYPE_TEXT =
  /(?:(?:"[^"]+"|[\w$]+)\s*\.\s*)?(?:"[^"]+"|national\s+char(?:acter)?|double\s+precision|[\w$]+)(?:\s+varying)?(?:\s*\([^()]*\))?(?:\s+with(?:out)?\s+time\s+zone)?/iy

/** Where a type ends that is written at `location` of the statement; arrays' brackets are not part of it. */
export function endOfType(sql: string, location: number): number {
  TYPE_TEXT.lastIndex = location
  return TYPE_TEXT.test(sql) ? TYPE_TEXT.lastIndex : location
}
