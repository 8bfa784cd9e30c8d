/** A Phantom whose states are databases with real rows: what plan judging is tested against. */
import type { AppliedStatement, PlannedQuery, SchemaState, VariantPlan } from '../../src/core/check/plans.ts'
import type { Phantom } from '../../src/core/check/ports.ts'
import type { RelationSnapshot, Snapshot, WorkloadQuery } from '../../src/core/check/snapshot.ts'
import { fingerprintOf } from '../../src/core/postgres/fingerprint.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'
import { query, type TestPostgres, withClient } from '../adapters/fixtures/postgres.ts'

export interface RealWorld {
  readonly postgres: TestPostgres
  /** DDL of the snapshot, in order; run first. */
  readonly schema: readonly string[]
  /** Rows and ANALYZE. */
  readonly fill: readonly string[]
}

/** A database that every state is copied from. */
export interface RealRows {
  readonly snapshot: Snapshot
  /** `variants`: by query text, the values of each and its share of the calls. */
  phantom(change: readonly string[], variants?: Variants): Phantom & { readonly states: readonly SchemaState[] }
}

type Variants = Readonly<
  Record<string, readonly (Pick<VariantPlan, 'variant' | 'weight'> & { readonly values: readonly string[] })[]>
>

export const workloadQuery = (text: string, more: Partial<WorkloadQuery> = {}): WorkloadQuery => ({
  fingerprint: fingerprintOf(text),
  text,
  name: null,
  callsPerMinute: null,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
  ...more,
})

const FILE = 'migrations/0005_change.sql'
const nothing = {
  locks: [],
  rewritten: [],
  created: [],
  invalid: [],
  transaction: 0,
  work: 'instant',
  workOn: null,
  estimate: { lowMs: 0, highMs: 50, basis: 'changes the catalog only' },
} as const

/** Each statement on a line of its own, from 1. */
const appliedOf = (sql: string, ordinal: number): AppliedStatement => ({
  ...nothing,
  ordinal,
  file: FILE,
  line: ordinal + 1,
  sql,
  dropped: (/^drop index (?:if exists )?(.+)$/i.exec(sql)?.[1] ?? '').split(',').flatMap((name) => name.trim() || []),
})

async function relationsOf(connectionString: string): Promise<readonly RelationSnapshot[]> {
  const rows = await query<Omit<RelationSnapshot, 'columns'>>(
    connectionString,
    `select 'public' as schema, c.relname as name, c.relkind::text as kind, t.relname as table, am.amname as method,
       c.relpages as relpages, c.reltuples::float8 as reltuples, c.relallvisible as relallvisible,
       (pg_relation_size(c.oid) / 8192)::int as pages, null as height, 0 as scans, true as valid
     from pg_class c left join pg_index i on i.indexrelid = c.oid left join pg_class t on t.oid = i.indrelid
     left join pg_am am on am.oid = c.relam and c.relkind = 'i'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r','p','i','I') order by 2`,
  )
  const columns = await query<{ table: string; column: string; avgWidth: number; nDistinct: number }>(
    connectionString,
    `select tablename as table, attname as column, avg_width as "avgWidth", n_distinct::float8 as "nDistinct"
     from pg_stats where schemaname = 'public'`,
  )
  const blank = {
    inherited: false,
    nullFrac: 0,
    correlation: null,
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
  }
  return rows.map((row) => ({
    ...row,
    columns: columns.filter((one) => one.table === row.name).map(({ table: _table, ...one }) => ({ ...blank, ...one })),
  }))
}

const blankSnapshot: Omit<Snapshot, 'schema' | 'relations'> = {
  format: 1,
  takenAt: '2026-01-01T00:00:00Z',
  values: 'keep',
  server: { version: 180004, encoding: 'UTF8', collation: 'C', database: 'test' },
  connections: { max: 100, superuserReserved: 3, reserved: 0 },
  settings: [],
  overrides: [],
  schemaSource: 'catalog',
  sequences: [],
  extendedStatistics: [],
  workload: [],
  workloadMinutes: null,
  appliedMigrations: [],
  missing: [],
}

/** Makes the database of before the change. */
export async function realRows({ postgres, schema, fill }: RealWorld): Promise<RealRows> {
  const base = await postgres.database()
  await query(base, ...schema, ...fill)
  const snapshot: Snapshot = {
    ...blankSnapshot,
    schema: schema.map((sql) => ({ sql, kind: 'other', object: null, extension: null })),
    relations: await relationsOf(base),
  }
  const template = new URL(base).pathname.slice(1)
  const stateOf = async (statements: readonly string[], state: SchemaState): Promise<string> => {
    const copy = await postgres.database()
    const name = new URL(copy).pathname.slice(1)
    await query(
      postgres.server.connectionString(),
      `drop database ${name}`,
      `create database ${name} template ${template}`,
    )
    const analyse = state.analysed || state.jitter !== null ? ['analyze'] : []
    await query(copy, ...statements.slice(0, state.statements), ...state.extra, ...analyse)
    return copy
  }
  return { snapshot, phantom: (change, variants = {}) => phantomOn({ stateOf, change, variants }) }
}

async function explain(
  connectionString: string,
  { text }: WorkloadQuery,
  values: readonly string[] | null,
): Promise<PlanNode> {
  const filled = (values ?? []).reduce((sql, value, at) => sql.replaceAll(`$${at + 1}`, `'${value}'`), text)
  const generic = values === null ? ', generic_plan' : ''
  const rows = await query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
    connectionString,
    `explain (format json${generic}) ${filled}`,
  )
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
  if (plan === undefined) throw new Error('EXPLAIN answered nothing')
  return plan
}

async function planned(connectionString: string, one: WorkloadQuery, variants: Variants): Promise<PlannedQuery> {
  try {
    const generic = await explain(connectionString, one, null)
    const custom = await Promise.all(
      (variants[one.text] ?? []).map(async ({ variant, weight, values }) => ({
        variant,
        weight,
        values,
        plan: await explain(connectionString, one, values),
      })),
    )
    const all = [{ variant: 'generic', values: [], weight: 0, plan: generic }, ...custom]
    return { query: one, variants: all, unplanned: null, remarks: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const sqlState = error instanceof Error && 'code' in error ? String(error.code) : null
    return { query: one, variants: [], unplanned: { reason, sqlState }, remarks: [] }
  }
}

function phantomOn(world: {
  readonly stateOf: (statements: readonly string[], state: SchemaState) => Promise<string>
  readonly change: readonly string[]
  readonly variants: Variants
}) {
  const states: SchemaState[] = []
  const made = new Map<string, Promise<string>>()
  const database = (state: SchemaState): Promise<string> => {
    const key = JSON.stringify(state)
    const known = made.get(key)
    if (known !== undefined) return known
    states.push(state)
    const making = world.stateOf(world.change, state)
    made.set(key, making)
    return making
  }
  const plan: Phantom['plan'] = async (queries, state) => {
    const at = await database(state)
    const all: PlannedQuery[] = []
    for (const one of queries) all.push(await planned(at, one, world.variants))
    return all
  }
  const phantom: Phantom = {
    skipped: [],
    applied: world.change.map(appliedOf),
    failure: null,
    plan,
    planAll: async (queries, wanted, signal) => {
      const all: (readonly PlannedQuery[])[] = []
      for (const state of wanted) all.push(await plan(queries, state, signal))
      return all
    },
    run: () => Promise.reject(new Error('not run here')),
    inState: async (state, read) => read(await database(state)),
    sizeOf: async (relation, state) => {
      const [row] = await withClient(
        await database(state),
        async (client) =>
          (
            await client.query<{ bytes: string | null }>('select pg_relation_size(to_regclass($1)) as bytes', [
              relation,
            ])
          ).rows,
      )
      return row?.bytes ? { bytes: Number(row.bytes), modelled: false } : null
    },
    close: async () => undefined,
  }
  return { ...phantom, states }
}
