/** Snapshots made by hand. */
import type { SchemaState } from '../../src/core/check/plans.ts'
import type { Phantom } from '../../src/core/check/ports.ts'
import type {
  ColumnStatistics,
  RelationSnapshot,
  SchemaStatement,
  Snapshot,
  WorkloadQuery,
} from '../../src/core/check/snapshot.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'

export const BEFORE: SchemaState = { statements: 0, analysed: false, extra: [], jitter: null }
export const withApplied = (statements: number, change: Partial<SchemaState> = {}): SchemaState => ({
  ...BEFORE,
  statements,
  ...change,
})

export const statement = (sql: string, change: Partial<SchemaStatement> = {}): SchemaStatement => ({
  sql,
  kind: 'table',
  object: null,
  extension: null,
  ...change,
})

export const columnOf = (column: string, change: Partial<ColumnStatistics> = {}): ColumnStatistics => ({
  column,
  inherited: false,
  nullFrac: 0,
  avgWidth: 8,
  nDistinct: -1,
  correlation: 1,
  mostCommonVals: null,
  mostCommonFreqs: null,
  histogramBounds: null,
  mostCommonElems: null,
  mostCommonElemFreqs: null,
  elemCountHistogram: null,
  rangeLengthHistogram: null,
  rangeEmptyFrac: null,
  rangeBoundsHistogram: null,
  low: null,
  high: null,
  ...change,
})

export const relationOf = (name: string, change: Partial<RelationSnapshot> = {}): RelationSnapshot => {
  const pages = change.pages ?? 0
  return {
    schema: 'public',
    name,
    kind: 'r',
    table: null,
    method: null,
    relpages: pages,
    reltuples: 0,
    relallvisible: 0,
    pages,
    height: null,
    scans: null,
    valid: true,
    columns: [],
    ...change,
  }
}

export const snapshotOf = (
  schema: readonly SchemaStatement[],
  relations: readonly RelationSnapshot[],
  change: Partial<Snapshot> = {},
): Snapshot => ({
  format: 1,
  takenAt: '2024-03-15T00:00:00Z',
  values: 'keep',
  server: { version: 180_004, encoding: 'UTF8', collation: 'C.UTF-8', database: 'shop' },
  connections: { max: 100, superuserReserved: 3, reserved: 0 },
  settings: [{ name: 'random_page_cost', value: '1.1' }],
  overrides: [],
  schemaSource: 'catalog',
  schema,
  relations,
  sequences: [],
  extendedStatistics: [],
  workload: [],
  workloadMinutes: null,
  appliedMigrations: [],
  missing: [],
  ...change,
})

export const query = (text: string): WorkloadQuery => ({
  fingerprint: text,
  text,
  name: null,
  callsPerMinute: null,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
})

/** The generic plan of a query in a state. */
export async function planOf(phantom: Phantom, text: string, state: SchemaState = BEFORE): Promise<PlanNode> {
  const [planned] = await phantom.plan([query(text)], state, new AbortController().signal)
  const variant = planned?.variants[0]
  if (variant === undefined) throw new Error(`not planned: ${planned?.unplanned?.reason}`)
  return variant.plan
}

/** Fifty million payments, of which few are pending: 5.3 GB of table in six segments. */
export function bigSnapshot(): Snapshot {
  const rows = 50_000_000
  const pages = 700_000
  const key = { low: '1', high: String(rows), histogramBounds: `{${[0, 1, 2, 3, 4].map((at) => 1 + at * 12_000_000)}}` }
  return snapshotOf(
    [
      statement('create table payments (id bigint primary key, status text not null, customer_id bigint not null)'),
      statement("create index payments_pending on payments (id) where status = 'pending'", { kind: 'index' }),
      statement('create index payments_customer on payments (customer_id)', { kind: 'index' }),
    ],
    [
      relationOf('payments', {
        pages,
        reltuples: rows,
        relallvisible: pages,
        columns: [
          columnOf('id', key),
          columnOf('status', {
            nDistinct: 3,
            mostCommonVals: '{settled,failed,pending}',
            mostCommonFreqs: [0.955, 0.04, 0.005],
          }),
          columnOf('customer_id', {
            nDistinct: 200_000,
            correlation: 0.01,
            histogramBounds: '{1,50000,100000,150000,200000}',
          }),
        ],
      }),
      relationOf('payments_pkey', { kind: 'i', table: 'payments', method: 'btree', pages: 137_000, reltuples: rows }),
      relationOf('payments_pending', { kind: 'i', table: 'payments', method: 'btree', pages: 700, reltuples: 250_000 }),
      relationOf('payments_customer', {
        kind: 'i',
        table: 'payments',
        method: 'btree',
        pages: 42_000,
        reltuples: rows,
      }),
    ],
  )
}
