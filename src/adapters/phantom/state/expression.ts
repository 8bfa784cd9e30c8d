/** What ANALYZE would find of an expression, evaluated over the values that the statistics of its columns name. */
import type pg from 'pg'
import { prng } from '../../../base/prng.ts'
import type { ColumnStatistics } from '../../../core/check/snapshot.ts'
import { tokensOf } from '../../../core/postgres/tokens.ts'
import type { CatalogColumn } from '../catalog.ts'
import { arrayOf, elementsOf, literal, quoted, sqlStateOf } from '../connection.ts'

/** Made-up rows that the expression is evaluated for. */
const SAMPLE_ROWS = 1000
/** Most entries of a list of common values, and of a histogram: those of the default statistics target. */
const MAX_ENTRIES = 100
/** A value is common when the sample has it this often. */
const COMMON_ROWS = 5
/** VARATT_SHORT_MAX with the longer header. */
const MAX_SHORT_BYTES = 130
const SEED = 20_240_315

/** An expression with the columns that it may name. */
export interface ExpressionRequest {
  /** Of the index's column. */
  readonly name: string
  readonly length: number
  readonly expression: string
  readonly inputs: readonly { readonly column: CatalogColumn; readonly statistics: ColumnStatistics }[]
}

interface Value {
  readonly value: string | null
  readonly rows: number
  readonly bytes: number
  readonly position: number
}

/** Null when it names no column with statistics, or cannot be evaluated. Columns are taken to be independent. */
export async function expressionStatistics(
  client: pg.Client,
  request: ExpressionRequest,
): Promise<ColumnStatistics | null> {
  const words = new Set(tokensOf(request.expression).map(({ text }) => text.replace(/^"|"$/g, '')))
  const inputs = request.inputs.filter(({ column }) => words.has(column.name))
  if (inputs.length === 0) return null
  const random = prng(SEED)
  const arrays = inputs.map(({ column, statistics }) => {
    const sample = sampleOf(statistics, () => random.next())
    return { column, sql: `${literal(arrayOfNullable(sample))}::text[]` }
  })
  const columns = arrays.map(({ column }) => quoted(column.name))
  const rows = `select ${arrays.map(({ column }, at) => `u.c${at}::${column.type} as ${quoted(column.name)}`).join(', ')}
    from unnest(${arrays.map(({ sql }) => sql).join(', ')}) u (${columns.map((_, at) => `c${at}`).join(', ')})`
  const sql = `select e::text as value, count(*)::int4 as rows, max(pg_column_size(e))::int4 as bytes,
    row_number() over (order by e)::int4 as position from (select (${request.expression}) as e from (${rows}) r) x group by e`
  try {
    const found = await client.query<Value>(sql)
    return summarised(request, inputs, found.rows)
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error
    return null
  }
}

/** A short value of varying length is stored with a header of one byte, and computed with one of four. */
const storedBytes = ({ length }: ExpressionRequest, bytes: number): number =>
  length === -1 && bytes <= MAX_SHORT_BYTES ? bytes - 3 : bytes

const arrayOfNullable = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : arrayOf([value]).slice(1, -1))).join(',')}}`

/** Rows with the frequencies that the statistics tell, in random order. */
function sampleOf(statistics: ColumnStatistics, next: () => number): readonly (string | null)[] {
  const common = elementsOf(statistics.mostCommonVals)
  const bounds = elementsOf(statistics.histogramBounds)
  return Array.from({ length: SAMPLE_ROWS }, () => {
    let at = next() - statistics.nullFrac
    if (at < 0) return null
    for (const [index, value] of common.entries()) {
      at -= statistics.mostCommonFreqs?.[index] ?? 0
      if (at < 0) return value
    }
    const pool = bounds.length > 0 ? bounds : common
    return pool[Math.floor(next() * pool.length)] ?? null
  })
}

function summarised(
  request: ExpressionRequest,
  inputs: ExpressionRequest['inputs'],
  values: readonly Value[],
): ColumnStatistics {
  const present = values.filter(({ value }) => value !== null)
  const rows = present.reduce((sum, one) => sum + one.rows, 0)
  const possible = new Set(
    inputs.flatMap(({ statistics }) => [
      ...elementsOf(statistics.mostCommonVals),
      ...elementsOf(statistics.histogramBounds),
    ]),
  )
  const few = present.length <= Math.min(MAX_ENTRIES, possible.size / 2)
  const [only] = inputs
  const common = present
    .filter((one) => few || one.rows >= COMMON_ROWS * Math.max(1, SAMPLE_ROWS / possible.size))
    .sort((a, b) => b.rows - a.rows)
    .slice(0, MAX_ENTRIES)
  const rest = present.filter((one) => !common.includes(one)).sort((a, b) => a.position - b.position)
  const bounds = rest.flatMap(({ value }) => (value === null ? [] : [value]))
  return {
    column: request.name,
    inherited: false,
    nullFrac: 1 - rows / SAMPLE_ROWS,
    avgWidth:
      request.length > 0
        ? request.length
        : Math.round(
            present.reduce((sum, one) => sum + storedBytes(request, one.bytes) * one.rows, 0) / Math.max(1, rows),
          ),
    nDistinct: few ? present.length : inputs.length === 1 ? (only?.statistics.nDistinct ?? -1) : -1,
    correlation: inputs.length === 1 && bounds.length > 1 ? 0 : null,
    mostCommonVals:
      common.length === 0 ? null : arrayOf(common.flatMap(({ value }) => (value === null ? [] : [value]))),
    mostCommonFreqs: common.length === 0 ? null : common.map((one) => one.rows / SAMPLE_ROWS),
    histogramBounds: bounds.length < 2 ? null : arrayOf(bounds),
    mostCommonElems: null,
    mostCommonElemFreqs: null,
    elemCountHistogram: null,
    rangeLengthHistogram: null,
    rangeEmptyFrac: null,
    rangeBoundsHistogram: null,
    low: null,
    high: null,
  }
}
