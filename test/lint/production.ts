/** Snapshots made by hand, with only what a test is about. */
import type { RelationSnapshot, SchemaStatement, Snapshot, WorkloadQuery } from '../../src/core/check/snapshot.ts'
import { fingerprintOf } from '../../src/core/postgres/fingerprint.ts'

const PAGE_BYTES = 8192

export interface HandTable {
  readonly name: string
  readonly rows: number
  /** Default: 200 bytes a row. */
  readonly bytes?: number
  readonly kind?: RelationSnapshot['kind']
}

export interface HandIndex {
  readonly name: string
  readonly table: string
  readonly bytes?: number
  readonly scans?: number
  readonly valid?: boolean
}

export interface HandProduction {
  readonly tables?: readonly HandTable[]
  readonly indexes?: readonly HandIndex[]
  readonly schema?: readonly string[]
  /** Text of a query, and how often a minute it runs. */
  readonly workload?: Readonly<Record<string, number>>
  readonly version?: number
  readonly settings?: Snapshot['settings']
  readonly sequences?: Snapshot['sequences']
  readonly applied?: readonly string[]
}

const relation = (of: Partial<RelationSnapshot> & Pick<RelationSnapshot, 'name' | 'kind'>): RelationSnapshot => ({
  schema: 'public',
  table: null,
  method: null,
  relpages: 0,
  reltuples: 0,
  relallvisible: 0,
  pages: 0,
  height: null,
  scans: null,
  valid: true,
  columns: [],
  ...of,
})

const tableOf = ({ name, rows, bytes = rows * 200, kind = 'r' }: HandTable): RelationSnapshot => {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  return relation({ name, kind, reltuples: rows, relpages: pages, pages })
}

const indexOf = ({ name, table, bytes = 0, scans, valid = true }: HandIndex): RelationSnapshot => {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  return relation({ name, table, kind: 'i', method: 'btree', pages, relpages: pages, scans: scans ?? null, valid })
}

const query = ([text, callsPerMinute]: [string, number]): WorkloadQuery => ({
  fingerprint: fingerprintOf(text),
  text,
  name: null,
  callsPerMinute,
  meanMs: null,
  rows: null,
  role: null,
  source: 'pg_stat_statements',
  file: null,
  line: null,
})

const statement = (sql: string): SchemaStatement => ({ sql, kind: 'other', object: null, extension: null })

/** A snapshot with the given tables, and nothing else. */
export function productionOf(hand: HandProduction): Snapshot {
  return {
    format: 1,
    takenAt: '2024-03-15T14:15:00.000Z',
    values: 'none',
    server: { version: hand.version ?? 160_004, encoding: 'UTF8', collation: 'C', database: 'payments' },
    connections: { max: 100, superuserReserved: 3, reserved: 0 },
    settings: hand.settings ?? [],
    overrides: [],
    schemaSource: 'catalog',
    schema: (hand.schema ?? []).map(statement),
    relations: [...(hand.tables ?? []).map(tableOf), ...(hand.indexes ?? []).map(indexOf)],
    sequences: hand.sequences ?? [],
    extendedStatistics: [],
    workload: Object.entries(hand.workload ?? {}).map(query),
    workloadMinutes: 60,
    appliedMigrations: hand.applied ?? [],
    missing: [],
  }
}
