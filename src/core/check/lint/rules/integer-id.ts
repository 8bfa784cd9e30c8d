import type { FindingSeverity } from '../../severity.ts'
import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import { type DeclaredColumn, declaredColumns, endOfType } from '../tree/declared-columns.ts'
import { nameOfRelation, pick, textsOf, written } from '../tree/pick.ts'

interface SmallType {
  readonly wide: string
  readonly shown: string
  readonly max: string
}

const INTEGER: Omit<SmallType, 'wide'> = { shown: 'integer', max: '2,147,483,647' }
const SMALLINT: Omit<SmallType, 'wide'> = { shown: 'smallint', max: '32,767' }

/** Types of numbered ids that run out, with the one that does not. */
const SMALL_TYPES: ReadonlyMap<string, SmallType> = new Map([
  ['int4', { ...INTEGER, wide: 'bigint' }],
  ['serial', { ...INTEGER, wide: 'bigserial' }],
  ['serial4', { ...INTEGER, wide: 'bigserial' }],
  ['int2', { ...SMALLINT, wide: 'bigint' }],
  ['smallserial', { ...SMALLINT, wide: 'bigserial' }],
  ['serial2', { ...SMALLINT, wide: 'bigserial' }],
])

/** Numbered by the database itself, so that it grows with every row, also with those that are rolled back. */
function isCounted(column: DeclaredColumn): boolean {
  return /serial/.test(column.type.name) || column.constraints.some((one) => one.contype === 'CONSTR_IDENTITY')
}

/** The type of the column that the column points to; null when that is not known. */
function typeOfTarget(context: StatementContext, column: DeclaredColumn): string | null {
  const inline = column.constraints.find((one) => one.contype === 'CONSTR_FOREIGN')
  const elements = pick(context.statement.node, 'CreateStmt')?.tableElts ?? []
  const foreign =
    inline ??
    elements
      .flatMap((element) => pick(element, 'Constraint') ?? [])
      .find((one) => one.contype === 'CONSTR_FOREIGN' && textsOf(one.fk_attrs).join() === column.name)
  if (foreign === undefined) return null
  const target = nameOfRelation(foreign.pktable)
  const table = context.table(target.schema, target.name)
  const key = textsOf(foreign.pk_attrs)[0] ?? table?.constraints.find((one) => one.kind === 'primary')?.columns[0]
  return table?.columns?.find((one) => one.name === (key ?? 'id'))?.type ?? null
}

const NARROW = /^(integer|int4?|smallint|int2|serial[24]?|smallserial)$/

/** How much it matters; null when it is no id, or must have the type that it has. */
function levelOf(context: StatementContext, column: DeclaredColumn): FindingSeverity | null {
  const isId = /^id$|_id$/i.test(column.name)
  const isSmallint = SMALL_TYPES.get(column.type.name)?.shown === 'smallint'
  if (isCounted(column)) return 'warning'
  if (!isId && !column.isPrimaryKey) return null
  const target = typeOfTarget(context, column)
  if (target !== null) return NARROW.test(target) ? null : 'warning'
  // Somebody who writes smallint for a key has counted, as a rule.
  if (isSmallint) return 'note'
  return column.isPrimaryKey || column.name.toLowerCase() === 'id' ? 'warning' : 'note'
}

function hitOf(context: StatementContext, column: DeclaredColumn): readonly LintHit[] {
  const small = SMALL_TYPES.get(column.type.name)
  const level = small === undefined || column.type.isArray ? null : levelOf(context, column)
  if (small === undefined || level === null) return []
  const from = column.type.location
  const fix = [{ from, to: endOfType(context.statement.sql, from), insert: small.wide }]
  return [
    {
      location: from,
      level,
      message: `${small.shown === 'smallint' ? 'A smallint' : 'An integer'} id ends at ${small.max}: after that every INSERT that needs ${written({ schema: column.relation.name, name: column.name })} fails, and widening it then rewrites the table.`,
      remedy: `Use ${small.wide}.`,
      ...(column.how === 'retype' ? {} : { fix }),
    },
  ]
}

/** Ids that run out. */
export const integerId: LintRule = {
  id: 'integer-id',
  title: 'Id of a type that runs out',
  squawk: ['prefer-bigint-over-int', 'prefer-bigint-over-smallint', 'prefer-big-int'],
  level: 'warning',
  defaultOn: true,
  statement: (context) => declaredColumns(context).flatMap((column) => hitOf(context, column)),
}
