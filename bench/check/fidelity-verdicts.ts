/** Drops one index after another, on the data and on the phantom: do both say the same of every query? */
import pg from 'pg'
import { planQueries } from '../../src/adapters/phantom/planner.ts'
import { compareQuery } from '../../src/core/check/plan-judge/query.ts'
import type { PlannedQuery, SchemaState } from '../../src/core/check/plans.ts'
import type { Phantom } from '../../src/core/check/ports.ts'
import type { Snapshot } from '../../src/core/check/snapshot.ts'

/** How often the phantom's verdict was right. */
export interface Verdicts {
  readonly indexes: number
  readonly pairs: number
  /** Regressed on both sides. */
  readonly hits: number
  /** Regressed on the phantom only. */
  readonly falseAlarms: readonly string[]
  /** Regressed on the data only. */
  readonly missed: readonly string[]
}

interface Droppable {
  readonly name: string
  readonly sql: string
  /** Itself and its partitions' parts. */
  readonly oids: readonly number[]
}

const DROPPABLE = `
  select c.oid::regclass::text as name,
    case when k.oid is null then format('drop index %s', c.oid::regclass)
      else format('alter table %s drop constraint %I cascade', i.indrelid::regclass, k.conname) end as sql,
    array(select relid::oid::int8::float8 from pg_partition_tree(c.oid)) || c.oid::int8::float8 as oids
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
  left join pg_constraint k on k.conindid = c.oid and k.contype in ('p', 'u', 'x')
  where n.nspname = 'public' and not c.relispartition order by 1`

const BEFORE: SchemaState = { statements: 0, analysed: false, extra: [], jitter: null }

interface Sides {
  readonly phantom: Phantom
  readonly snapshot: Snapshot
  readonly connectionString: string
  readonly signal: AbortSignal
}

/** What the planner ignores is to it as good as dropped; and nothing is lost. */
async function withoutIndex<T>(client: pg.Client, index: Droppable, work: () => Promise<T>): Promise<T> {
  const set = 'update pg_index set indisvalid = $2 where indexrelid = any ($1::oid[])'
  await client.query(set, [index.oids, false])
  try {
    return await work()
  } finally {
    await client.query(set, [index.oids, true])
  }
}

const isWorse = (before: PlannedQuery | undefined, after: PlannedQuery | undefined): boolean =>
  before !== undefined && after !== undefined && (compareQuery(before, after)?.regressed ?? false)

/** Over all indexes of the schema, for all queries of the snapshot's workload. */
export async function judgeDrops(sides: Sides): Promise<Verdicts> {
  const { phantom, snapshot, connectionString, signal } = sides
  const queries = snapshot.workload
  const real = () => planQueries({ connectionString, queries, snapshot, connections: 2, signal })
  const [realBefore, phantomBefore] = [await real(), await phantom.plan(queries, BEFORE, signal)]
  const client = new pg.Client({ connectionString })
  await client.connect()
  const found = { hits: 0, falseAlarms: [] as string[], missed: [] as string[] }
  try {
    const { rows: indexes } = await client.query<Droppable>(DROPPABLE)
    for (const index of indexes) {
      const realAfter = await withoutIndex(client, index, real)
      const phantomAfter = await phantom.plan(queries, { ...BEFORE, extra: [index.sql] }, signal)
      for (const [at, query] of queries.entries()) {
        const worse = isWorse(realBefore[at], realAfter[at])
        const told = isWorse(phantomBefore[at], phantomAfter[at])
        const label = `${query.name} without ${index.name}`
        if (worse && told) found.hits += 1
        if (!worse && told) found.falseAlarms.push(label)
        if (worse && !told) found.missed.push(label)
      }
    }
    return { indexes: indexes.length, pairs: indexes.length * queries.length, ...found }
  } finally {
    await client.end()
  }
}
