/** Levels of btree indexes: only the extension pageinspect tells them. */
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
