/** Values for parameters about which nothing is known but their type. */

/** A row of pg_type, as far as it matters. */
export interface ParameterType {
  /** pg_type.typname: `int4`, `timestamptz`, `_text`. */
  readonly name: string
  /** pg_type.typcategory: `N` numeric, `S` string, `D` date and time, `A` array, `E` enum, …. */
  readonly category: string
  /** Of an array. */
  readonly element: ParameterType | null
  /** First label of an enum. */
  readonly label: string | null
}

const VALUES: Readonly<Record<string, string>> = {
  bool: 'true',
  bytea: '\\x00',
  char: 'a',
  name: 'a',
  text: 'a',
  varchar: 'a',
  bpchar: 'a',
  citext: 'a',
  json: '{}',
  jsonb: '{}',
  jsonpath: '$',
  xml: '<a/>',
  uuid: '00000000-0000-4000-8000-000000000001',
  inet: '10.0.0.1',
  cidr: '10.0.0.0/24',
  macaddr: '08:00:2b:01:02:03',
  macaddr8: '08:00:2b:01:02:03:04:05',
  interval: '1 day',
  time: '12:00:00',
  timetz: '12:00:00+00',
  tsquery: 'a',
  tsvector: 'a',
  point: '(0,0)',
  box: '((0,0),(1,1))',
  lseg: '[(0,0),(1,1)]',
  path: '[(0,0),(1,1)]',
  polygon: '((0,0),(1,1),(1,0))',
  circle: '<(0,0),1>',
  line: '{1,1,0}',
  bit: '1',
  varbit: '1',
  money: '1',
  ltree: 'a',
  lquery: 'a',
  hstore: 'a=>1',
  regclass: 'pg_class',
  regconfig: 'simple',
  regtype: 'text',
  pg_lsn: '0/0',
  int4range: '[1,10)',
  int8range: '[1,10)',
  numrange: '[1,10)',
}
const DAY: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz'])
const DAY_RANGES: ReadonlySet<string> = new Set(['daterange', 'tsrange', 'tstzrange'])

/**
 * A value that the type takes; null when none is known (then NULL is asked for).
 * @param today ISO date that stands for now
 */
export function typeValue(type: ParameterType, today: string): string | null {
  if (type.label !== null) return type.label
  if (type.element !== null) {
    const element = typeValue(type.element, today)
    return element === null ? '{}' : `{"${element.replace(/["\\]/g, '\\$&')}"}`
  }
  if (DAY.has(type.name)) return today
  if (DAY_RANGES.has(type.name)) return `[${today},${today}]`
  if (type.category === 'N') return '1'
  return VALUES[type.name] ?? (type.category === 'S' ? 'a' : null)
}

const INTEGER_LIMIT: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647, int8: Number.MAX_VALUE }
const STAMP = /^(-?infinity|\d{4,}-\d\d-\d\d.*)$/
const SHAPES: Readonly<Record<string, RegExp>> = {
  date: STAMP,
  timestamp: STAMP,
  timestamptz: STAMP,
  uuid: /^[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}$/i,
  bool: /^(t|f|true|false|on|off|yes|no|1|0)$/i,
  interval: /^(?!\d{4,}-)/,
  time: /^\d\d:\d\d/,
  timetz: /^\d\d:\d\d/,
  inet: /^[\da-f:.]+(\/\d+)?$/i,
}

/** A column's value in the form that a parameter's type takes; null when it does not take it. */
export function fitted(value: string, type: ParameterType): string | null {
  const limit = INTEGER_LIMIT[type.name]
  if (limit !== undefined) {
    if (!/^-?\d+(\.\d+)?$/.test(value)) return null
    const whole = value.replace(/\..*$/, '')
    return Math.abs(Number(whole)) <= limit ? whole : null
  }
  if (type.category === 'N') return /^-?\d+(\.\d+)?(e[+-]?\d+)?$|^NaN$/i.test(value) ? value : null
  const shape = SHAPES[type.name]
  if (shape !== undefined) return shape.test(value) ? value : null
  return value
}
