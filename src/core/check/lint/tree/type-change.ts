/**
 * What ALTER COLUMN … TYPE has to do. Which casts leave the table as it is: measured on PostgreSQL 18, file node before and
 * after, with an index on the column; the same since 12.
 */
import type { ColumnDef, Node, TypeName } from '@pgsql/types'
import { pick, textsOf } from './pick.ts'

/** A type, in PostgreSQL's inner names (`int4`, `varchar`, `timestamptz`). */
export interface PlainType {
  readonly name: string
  /** Numbers in parentheses; null when there are arguments that are no numbers. */
  readonly arguments: readonly number[] | null
  readonly isArray: boolean
}

/**
 * `same`: nothing but the catalog changes. `utc-only`: as it is when the session's TimeZone is UTC, else rewritten.
 * `unknown`: depends on what is not known here.
 */
export interface TypeChange {
  readonly table: 'same' | 'rewritten' | 'utc-only' | 'unknown'
  /** Whether indexes on the column are built anew though the table is not. */
  readonly indexes: 'kept' | 'rebuilt'
}

const ALIASES: Readonly<Record<string, string>> = {
  bigint: 'int8',
  bit: 'bit',
  'bit varying': 'varbit',
  boolean: 'bool',
  character: 'bpchar',
  char: 'bpchar',
  'character varying': 'varchar',
  decimal: 'numeric',
  'double precision': 'float8',
  int: 'int4',
  integer: 'int4',
  real: 'float4',
  smallint: 'int2',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
}

const BUILT_IN = new Set(
  'int2 int4 int8 float4 float8 numeric bool text varchar bpchar name bytea json jsonb xml uuid date time timetz timestamp timestamptz interval bit varbit inet cidr macaddr macaddr8 money oid regclass regproc regtype tsvector tsquery point int4range int8range numrange tsrange tstzrange daterange'.split(
    ' ',
  ),
)

/** An extension's type has whatever schema it was put into; a type of one's own that has a built-in's name keeps its schema. */
function unqualified(name: string): string {
  const last = name.split('.').at(-1) ?? name
  return BUILT_IN.has(last) ? name : last
}

/** A type as format_type writes it, such as `timestamp(3) without time zone[]`. */
export function plainTypeFrom(text: string): PlainType {
  const lower = text.trim().toLowerCase()
  const isArray = lower.endsWith('[]')
  const inside = /\(([^)]*)\)/.exec(lower)?.[1] ?? ''
  const bare = lower
    .replace(/\([^)]*\)/, '')
    .replace(/(\[\])+$/, '')
    .replace(/\s+/g, ' ')
    .trim()
  const numbers = inside === '' ? [] : inside.split(',').map(Number)
  // A char without a length is one of length 1.
  const implied = (bare === 'character' || bare === 'char' || bare === 'bit') && numbers.length === 0 ? [1] : numbers
  return {
    name: text.trim() === '"char"' ? '"char"' : (ALIASES[bare] ?? unqualified(bare)),
    arguments: implied.some(Number.isNaN) ? null : implied,
    isArray,
  }
}

/** A type as the tree has it. */
export function plainType(type: TypeName | undefined): PlainType {
  const names = textsOf(type?.names)
  const numbers = (type?.typmods ?? []).map((one) => {
    const constant = pick(one, 'A_Const')
    return constant?.ival === undefined ? Number.NaN : (constant.ival.ival ?? 0)
  })
  const name = names[0] === 'pg_catalog' ? (names[1] ?? '') : unqualified(names.join('.'))
  const isInterval = name === 'interval' && numbers.length > 0
  return {
    name: name === 'char' && names.length === 1 ? '"char"' : (ALIASES[name] ?? name),
    // An interval's first number says which fields it has, the second how precise it is.
    arguments: isInterval || numbers.some(Number.isNaN) ? null : numbers,
    isArray: (type?.arrayBounds ?? []).length > 0,
  }
}

/** True when USING only says what PostgreSQL would do anyway: the column, or the column cast to the new type. */
function usingIsPlain(using: Node | undefined, column: string, to: PlainType): boolean {
  if (using === undefined) return true
  const cast = pick(using, 'TypeCast')
  if (cast !== null) {
    const type = plainType(cast.typeName)
    return sameType(type, to) && usingIsPlain(cast.arg, column, to)
  }
  const fields = textsOf(pick(using, 'ColumnRef')?.fields)
  return fields.at(-1) === column
}

const sameType = (left: PlainType, right: PlainType) =>
  left.name === right.name &&
  left.isArray === right.isArray &&
  left.arguments !== null &&
  right.arguments !== null &&
  left.arguments.join() === right.arguments.join()

const KEPT: TypeChange = { table: 'same', indexes: 'kept' }
const REINDEXED: TypeChange = { table: 'same', indexes: 'rebuilt' }
const REWRITTEN: TypeChange = { table: 'rewritten', indexes: 'rebuilt' }
const UNKNOWN: TypeChange = { table: 'unknown', indexes: 'rebuilt' }

/** Types whose single number may grow, or go. */
const GROWS = new Set(['varchar', 'varbit', 'timestamp', 'timestamptz', 'time', 'timetz', 'interval'])

/** Changes between types of different names that leave the table's rows as they are: `from>to`, no length behind `to`. */
const FREE: Readonly<Record<string, TypeChange>> = {
  'varchar>text': KEPT,
  'text>varchar': KEPT,
  'cidr>inet': KEPT,
  'xml>text': KEPT,
  'xml>varchar': KEPT,
  'text>citext': REINDEXED,
  'varchar>citext': REINDEXED,
  'citext>text': REINDEXED,
  'citext>varchar': REINDEXED,
  'bit>varbit': REINDEXED,
  'int4>oid': REINDEXED,
  'oid>int4': REINDEXED,
  'int4>regclass': REINDEXED,
  'varchar>bpchar': REINDEXED,
  'text>bpchar': REINDEXED,
}

/** Types that one can come to without a rewrite: with the old type unknown, no more can be said. */
const REACHABLE_FREE = new Set([
  'text',
  'varchar',
  'numeric',
  'varbit',
  'timestamp',
  'timestamptz',
  'time',
  'timetz',
  'interval',
  'inet',
  'citext',
  'oid',
  'regclass',
  'bpchar',
])

function sameNameChange(from: PlainType, to: PlainType): TypeChange {
  if (from.arguments === null || to.arguments === null) return UNKNOWN
  if (sameType(from, to)) return KEPT
  if (from.isArray) return REWRITTEN
  const [oldFirst, oldSecond = 0] = from.arguments
  const [newFirst, newSecond = 0] = to.arguments
  if (from.name === 'numeric') {
    if (newFirst === undefined) return KEPT
    return oldFirst !== undefined && newFirst >= oldFirst && newSecond === oldSecond ? KEPT : REWRITTEN
  }
  if (!GROWS.has(from.name)) return REWRITTEN
  if (newFirst === undefined) return KEPT
  const isTime = from.name.startsWith('time') || from.name === 'interval'
  // Times are kept to six digits when nothing else is said.
  const width = oldFirst ?? (isTime ? 6 : Number.POSITIVE_INFINITY)
  return newFirst >= width ? KEPT : REWRITTEN
}

function timeZoneChange(from: PlainType, to: PlainType): TypeChange {
  const narrower = (to.arguments?.[0] ?? 6) < (from.arguments?.[0] ?? 6)
  return narrower || from.isArray ? REWRITTEN : { table: 'utc-only', indexes: 'rebuilt' }
}

function changeBetween(from: PlainType, to: PlainType): TypeChange {
  if (from.isArray !== to.isArray) return REWRITTEN
  if (from.name === to.name) return sameNameChange(from, to)
  const names = `${from.name}>${to.name}`
  if (names === 'timestamp>timestamptz' || names === 'timestamptz>timestamp') return timeZoneChange(from, to)
  const free = FREE[names]
  if (free !== undefined && !from.isArray) return to.arguments?.length === 0 ? free : REWRITTEN
  return BUILT_IN.has(from.name) && (BUILT_IN.has(to.name) || from.isArray) ? REWRITTEN : UNKNOWN
}

/**
 * @param column its name
 * @param oldType as format_type writes it; null when not known
 * @param definition of the action: the new type, COLLATE, USING
 */
export function typeChange(column: string, oldType: string | null, definition: ColumnDef): TypeChange {
  const to = plainType(definition.typeName)
  if (!usingIsPlain(definition.raw_default, column, to)) return REWRITTEN
  if (oldType === null) return REACHABLE_FREE.has(to.name) || !BUILT_IN.has(to.name) || to.isArray ? UNKNOWN : REWRITTEN
  const change = changeBetween(plainTypeFrom(oldType), to)
  return definition.collClause !== undefined && change.table === 'same' ? REINDEXED : change
}

const SPOKEN: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bpchar: 'char',
  float4: 'real',
  float8: 'double precision',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
}

/** As SQL has it, for messages: `character varying(40)` is `varchar(40)`. */
export function typeText(type: TypeName | undefined): string {
  const plain = plainType(type)
  const parentheses = plain.arguments === null || plain.arguments.length === 0 ? '' : `(${plain.arguments.join(', ')})`
  const name = SPOKEN[plain.name] ?? plain.name
  return `${name}${parentheses}${plain.isArray ? '[]' : ''}`
}
