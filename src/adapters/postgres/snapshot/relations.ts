import type { RelationSnapshot } from '../../../core/check/snapshot.ts'
import { notOfExtension, userSchema } from './scope.ts'
import type { Session } from './session.ts'

/** A relation without its column statistics, and what names it in the catalogs. */
export interface FoundRelation extends Omit<RelationSnapshot, 'columns' | 'height'> {
  readonly oid: string
  /** Indexes: the table's; else its own. */
  readonly tableOid: string
}

const BLOCK = "current_setting('block_size')::int8"

const question = (pages: string) => `
  select c.oid::text as oid, coalesce(i.indrelid, c.oid)::text as "tableOid", n.nspname as schema, c.relname as name,
    c.relkind as kind, t.relname as "table", case when i.indexrelid is not null then am.amname end as method,
    c.relpages::float8 as relpages, c.reltuples::float8 as reltuples, c.relallvisible::float8 as relallvisible,
    coalesce(${pages}, 0)::float8 as pages,
    case when c.relkind in ('i', 'r', 'm') then (pg_stat_get_numscans(c.oid) + case when c.relkind = 'i' then 0 else
      coalesce((select sum(pg_stat_get_numscans(x.indexrelid)) from pg_index x where x.indrelid = c.oid), 0) end)::float8
    end as scans,
    coalesce(i.indisvalid, true) as valid
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_index i on i.indexrelid = c.oid
  left join pg_class t on t.oid = i.indrelid
  left join pg_am am on am.oid = c.relam
  where c.relkind in ('r', 'p', 'm', 'i', 'I') and c.relpersistence <> 't' and ${userSchema('n')}
    and ${notOfExtension('pg_class', 'coalesce(i.indrelid, c.oid)')}
  order by n.nspname collate "C", coalesce(t.relname, c.relname) collate "C", i.indexrelid is not null, c.relname collate "C"`

/** All relations, tables before their indexes, in the order of their names. */
export async function findRelations(session: Session): Promise<readonly FoundRelation[]> {
  const measured = await session.tryTo<FoundRelation>({
    sql: question(`case when c.relkind in ('r', 'm', 'i') then pg_relation_size(c.oid) / ${BLOCK} end`),
    what: 'sizes of files as they are now; the sizes of the last VACUUM or ANALYZE stand in for them',
    grant: null,
  })
  return measured ?? session.ask<FoundRelation>(question('c.relpages'))
}
