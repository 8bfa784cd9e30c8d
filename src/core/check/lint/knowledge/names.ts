/** Reads names and types out of syntax trees. */
import type { Node, RangeVar, TypeName } from '@pgsql/types'

/** `schema` and `name` as the tree has them; a null schema means: by the search path. */
export interface QualifiedName {
  readonly schema: string | null
  readonly name: string
}

/** Texts of a list of String nodes; other nodes are left out. */
export function textsOf(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node && node.String.sval !== undefined ? [node.String.sval] : []))
}

/** The last two parts of a dotted name; null when there is none. */
export function qualified(parts: readonly string[]): QualifiedName | null {
  const name = parts.at(-1)
  return name === undefined ? null : { schema: parts.at(-2) ?? null, name }
}

/** The name of a table or index as a statement writes it; null when there is none. */
export const ofRange = (range: RangeVar | undefined): QualifiedName | null =>
  range?.relname === undefined ? null : { schema: range.schemaname ?? null, name: range.relname }

/** The name that a DROP's object stands for: a list of parts, or one part. */
export function ofObject(node: Node): QualifiedName | null {
  if ('List' in node) return qualified(textsOf(node.List.items))
  return 'String' in node && node.String.sval !== undefined ? { schema: null, name: node.String.sval } : null
}

/** PostgreSQL's internal names of types, as format_type writes them. */
const WRITTEN: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  varchar: 'character varying',
  bpchar: 'character',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
  varbit: 'bit varying',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
  smallserial: 'smallint',
  serial2: 'smallint',
}

function modifier(node: Node): string | null {
  if (!('A_Const' in node)) return null
  const { ival, sval } = node.A_Const
  return ival === undefined ? (sval?.sval ?? null) : String(ival.ival ?? 0)
}

/** A type as format_type writes it: `character varying(40)`, `timestamp(3) with time zone`; null when there is none. */
export function typeText(type: TypeName | undefined): string | null {
  const parts = textsOf(type?.names)
  const name = parts.at(-1)
  if (type === undefined || name === undefined) return null
  const schema = parts.at(-2)
  const own = schema === undefined || schema === 'pg_catalog'
  const base = own ? (WRITTEN[name] ?? name) : `${schema}.${name}`
  // `interval` keeps its fields in the first modifier; which ones, no rule asks.
  const modifiers = base === 'interval' ? [] : (type.typmods ?? []).map(modifier).filter((one) => one !== null)
  const array = (type.arrayBounds ?? []).length > 0 ? '[]' : ''
  if (modifiers.length === 0) return `${base}${array}`
  const [first = '', ...rest] = base.split(' ')
  const behindFirst = first === 'timestamp' || first === 'time'
  const written = `(${modifiers.join(',')})`
  return `${behindFirst ? [`${first}${written}`, ...rest].join(' ') : `${base}${written}`}${array}`
}

/** Serial types: an integer, a sequence and a default in one word. */
export const isSerial = (type: TypeName | undefined): boolean =>
  /^(small|big)?serial[248]?$/.test(textsOf(type?.names).at(-1) ?? '')
