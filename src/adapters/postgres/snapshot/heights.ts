/** What only the extension pageinspect tells: levels of btree indexes, and what the metapages of GIN indexes count. */
import type { RelationSnapshot } from '../../../core/check/snapshot.ts'
import type { FoundRelation } from './relations.ts'
import type { Session } from './session.ts'

const WHERE_IS_IT = `
  select format('%I.bt_metap', n.nspname) as call, has_function_privilege(p.oid, 'execute') as allowed
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace join pg_proc p on p.pronamespace = n.oid and p.proname = 'bt_metap'
  where e.extname = 'pageinspect'`

/** Indexes that are asked for; one question each page read. */
const MAX_INDEXES = 20_000

/** By oid. Empty without the extension or the right to use it: heights can be derived from pages and key widths. */
export async function readHeights(
  session: Session,
  relations: readonly FoundRelation[],
): Promise<ReadonlyMap<string, number>> {
  const [found] = await session.ask<{ call: string; allowed: boolean }>(WHERE_IS_IT)
  if (found === undefined || !found.allowed) return new Map()
  const oids = relations.filter(({ kind, method }) => kind === 'i' && method === 'btree').map(({ oid }) => oid)
  if (oids.length === 0) return new Map()
  const rows = await session.tryTo<{ oid: string; level: number }>({
    sql: `select c.oid::text as oid, (select m.level::int from ${found.call}(c.oid::regclass::text) m) as level
      from pg_class c where c.oid in (${oids.slice(0, MAX_INDEXES).join(', ')})`,
    what: 'heights of indexes; they are derived from sizes',
    grant: null,
  })
  return new Map((rows ?? []).map(({ oid, level }) => [oid, level]))
}

const GIN_WHERE_IS_IT = `
  select format('%I.gin_metapage_info(%I.get_raw_page', n.nspname, n.nspname) as call,
    has_function_privilege(p.oid, 'execute') and has_function_privilege(r.oid, 'execute') as allowed
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    join pg_proc p on p.pronamespace = n.oid and p.proname = 'gin_metapage_info'
    join pg_proc r on r.pronamespace = n.oid and r.proname = 'get_raw_page' and r.pronargs = 2
  where e.extname = 'pageinspect'`

type Gin = NonNullable<RelationSnapshot['gin']>

/** By oid. Empty without the extension or the right to use it: the planner's costs of GIN indexes are then a little off. */
export async function readGin(
  session: Session,
  relations: readonly FoundRelation[],
): Promise<ReadonlyMap<string, Gin>> {
  const [found] = await session.ask<{ call: string; allowed: boolean }>(GIN_WHERE_IS_IT)
  if (found === undefined || !found.allowed) return new Map()
  const oids = relations.filter(({ kind, method }) => kind === 'i' && method === 'gin').map(({ oid }) => oid)
  if (oids.length === 0) return new Map()
  const rows = await session.tryTo<Gin & { oid: string }>({
    sql: `select c.oid::text as oid, m.n_total_pages::float8 as "totalPages", m.n_entry_pages::float8 as "entryPages",
        m.n_data_pages::float8 as "dataPages", m.n_entries::float8 as entries, m.n_pending_pages::float8 as "pendingPages"
      from pg_class c, lateral (select * from ${found.call}(c.oid::regclass::text, 0))) m
      where c.oid in (${oids.slice(0, MAX_INDEXES).join(', ')})`,
    what: 'page counts of GIN indexes',
    grant: null,
  })
  return new Map((rows ?? []).map(({ oid, ...gin }) => [oid, gin]))
}
