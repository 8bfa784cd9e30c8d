/** The shape of a snapshot file, as it is checked when one is read. */
import { z } from 'zod'
import { SNAPSHOT_FORMAT, type Snapshot } from '../../core/check/snapshot.ts'

const text = z.string()
const number = z.number()
const maybeText = z.string().nullable().default(null)
const maybeNumber = z.number().nullable().default(null)
const maybeNumbers = z.array(z.number()).nullable().default(null)

const column = z.object({
  column: text,
  inherited: z.boolean().default(false),
  nullFrac: number.default(0),
  avgWidth: number,
  nDistinct: number,
  correlation: maybeNumber,
  mostCommonVals: maybeText,
  mostCommonFreqs: maybeNumbers,
  histogramBounds: maybeText,
  mostCommonElems: maybeText,
  mostCommonElemFreqs: maybeNumbers,
  elemCountHistogram: maybeNumbers,
  rangeLengthHistogram: maybeText,
  rangeEmptyFrac: maybeNumber,
  rangeBoundsHistogram: maybeText,
  low: maybeText,
  high: maybeText,
})

const relation = z.object({
  schema: text,
  name: text,
  kind: z.enum(['r', 'p', 'i', 'I', 'm']),
  table: maybeText,
  method: maybeText,
  relpages: number,
  reltuples: number,
  relallvisible: number,
  pages: number,
  height: maybeNumber,
  scans: maybeNumber,
  valid: z.boolean().default(true),
  columns: z.array(column).default([]),
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
  schemaSource: z.enum(['pg_dump', 'catalog']),
  schema: z.array(z.object({ sql: text, kind: text, object: maybeText, extension: maybeText })),
  relations: z.array(relation),
  sequences: z.array(
    z.object({
      schema: text,
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
