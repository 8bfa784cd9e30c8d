/** The shape of a snapshot file, as it is checked when one is read. */
import { z } from 'zod'
import {
  type ColumnStatistics,
  type RelationSnapshot,
  type SchemaStatement,
  SNAPSHOT_FORMAT,
  type Snapshot,
} from '../../core/check/snapshot.ts'
import { USUAL_METHOD } from '../../core/check/snapshot-file.ts'

const text = z.string()
const number = z.number()
const maybeText = z.string().nullable().default(null)
const maybeNumber = z.number().nullable().default(null)
/** Equal neighbours stand there as `[value, how often]`; a run longer than this is damage. */
const MAX_RUN = 100_000
const maybeNumbers = z
  .array(z.union([number, z.tuple([number, z.int().min(1).max(MAX_RUN)])]))
  .nullable()
  .default(null)
  .transform(
    (runs) =>
      runs?.flatMap((run) => (typeof run === 'number' ? [run] : new Array<number>(run[1]).fill(run[0]))) ?? null,
  )

/** `is`: width, number of distinct values, correlation, share of nulls. */
const column = z
  .object({
    column: text,
    inherited: z.boolean().default(false),
    is: z.tuple([number, number, z.number().nullable()]).rest(number),
    common: maybeText,
    freqs: maybeNumbers,
    bounds: maybeText,
    mostCommonElems: maybeText,
    mostCommonElemFreqs: maybeNumbers,
    elemCountHistogram: maybeNumbers,
    rangeLengthHistogram: maybeText,
    rangeEmptyFrac: maybeNumber,
    rangeBoundsHistogram: maybeText,
    low: maybeText,
    high: maybeText,
  })
  .transform(({ is, common, freqs, bounds, ...rest }): ColumnStatistics => {
    const [avgWidth, nDistinct, correlation, nullFrac = 0] = is
    const values = { mostCommonVals: common, mostCommonFreqs: freqs, histogramBounds: bounds }
    return { ...rest, nullFrac, avgWidth, nDistinct, correlation, ...values }
  })

/** `[kind, object, sql]`, and the extension that it needs. */
const statement = z
  .tuple([text, z.string().nullable(), text])
  .rest(text)
  .transform(([kind, object, sql, extension = null]): SchemaStatement => ({ sql, kind, object, extension }))

/** Files of the first days spell every key out. */
const anyColumn = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null || !('avgWidth' in value)) return value
  const old: Readonly<Record<string, unknown>> = { ...value }
  const is = [old.avgWidth, old.nDistinct, old.correlation ?? null, old.nullFrac ?? 0]
  return { ...old, is, common: old.mostCommonVals, freqs: old.mostCommonFreqs, bounds: old.histogramBounds }
}, column)
const anyStatement = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null || !('sql' in value)) return value
  const old: Readonly<Record<string, unknown>> = { ...value }
  return [old.kind, old.object ?? null, old.sql, ...(old.extension ? [old.extension] : [])]
}, statement)

const written = z.object({
  schema: text.default('public'),
  name: text,
  kind: z.enum(['r', 'p', 'i', 'I', 'm']).default('i'),
  table: maybeText,
  method: maybeText,
  relpages: maybeNumber,
  reltuples: number,
  relallvisible: number.default(0),
  pages: number,
  height: maybeNumber,
  gin: z
    .object({ totalPages: number, entryPages: number, dataPages: number, entries: number, pendingPages: number })
    .nullable()
    .optional(),
  scans: maybeNumber,
  valid: z.boolean().default(true),
  columns: z.array(anyColumn).default([]),
})

const relation = written.transform(({ relpages, method, ...rest }): RelationSnapshot => {
  const usual = rest.table !== null ? USUAL_METHOD : null
  return { ...rest, relpages: relpages ?? rest.pages, method: method ?? usual }
})

const query = z.object({
  fingerprint: text,
  text: text,
  name: maybeText,
  callsPerMinute: maybeNumber,
  meanMs: maybeNumber,
  rows: maybeNumber,
  role: maybeText,
  source: z.enum(['pg_stat_statements', 'file', 'log']),
  file: maybeText,
  line: maybeNumber,
})

const setting = z.object({ name: text, value: text })

/** Accepts what `printSnapshot` writes, and puts in what it leaves out. Unknown keys are dropped: newer versions may add some. */
export const snapshotShape: z.ZodType<Snapshot> = z.object({
  format: z.literal(SNAPSHOT_FORMAT),
  takenAt: text,
  values: z.enum(['remap', 'keep', 'none']),
  server: z.object({ version: number, encoding: text, collation: text, database: text }),
  connections: z.object({ max: number, superuserReserved: number, reserved: number }),
  settings: z.array(setting),
  overrides: z.array(z.object({ role: z.string().nullable(), inDatabase: z.boolean(), settings: z.array(setting) })),
  tablespaceCosts: z.array(setting).optional(),
  schemaSource: z.enum(['pg_dump', 'catalog']),
  schema: z.array(anyStatement),
  relations: z.array(relation),
  sequences: z.array(
    z.object({
      schema: text.default('public'),
      name: text,
      dataType: text,
      lastValue: maybeText,
      maxValue: text,
      ownedBy: maybeText,
    }),
  ),
  extendedStatistics: z.array(z.object({ name: text, table: text, definition: text })),
  workload: z.array(query),
  workloadMinutes: maybeNumber,
  appliedMigrations: z.array(text),
  missing: z.array(z.object({ what: text, why: text, grant: maybeText })),
})
