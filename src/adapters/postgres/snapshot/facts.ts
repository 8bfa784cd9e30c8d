/** What the remap of values must know of columns: types, foreign keys, and the order of texts in the database's collations. */
import { type ColumnFacts, type JoinedColumns, orderKey } from '../../../core/check/remap/facts.ts'
import { treatmentOf } from '../../../core/check/remap/remap.ts'
import { userSchema } from './scope.ts'
import type { Session } from './session.ts'

/** Types are followed through domains, up to this many. */
const MAX_DOMAIN_DEPTH = 16

const FACTS = `
  with recursive base (oid, base, mod, depth) as (
    select t.oid, t.oid, -1, 0 from pg_type t
    union all
    select b.oid, t.typbasetype, t.typtypmod, b.depth + 1 from base b join pg_type t on t.oid = b.base
      where t.typtype = 'd' and b.depth < ${MAX_DOMAIN_DEPTH}
  ), resolved as (select distinct on (oid) oid, base, mod from base order by oid, depth desc)
  select n.nspname || '.' || c.relname as relation, a.attname as column, e.typname as type,
    case when e.typtype = 'e' then 'enum' when t.typtype = 'r' then 'range' when e.typtype <> 'b' then 'other'
      when t.typcategory = 'A' then 'array' else 'scalar' end as shape,
    case when e.typnamespace <> 'pg_catalog'::regnamespace and e.typname <> 'citext' and e.typtype <> 'e' then true else false end as foreign,
    (select format('%I.%I', kn.nspname, k.collname) from pg_collation k join pg_namespace kn on kn.oid = k.collnamespace where k.oid = a.attcollation) as collation,
    case when e.typname in ('varchar', 'bpchar') and m.mod > 4 then m.mod - 4
      when e.typname = 'numeric' and m.mod > 4 then (((m.mod - 4) >> 16) & 65535) - ((((m.mod - 4) & 2047) # 1024) - 1024) end as limit
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'm', 'i', 'I') and c.relpersistence <> 't'
  join pg_namespace n on n.oid = c.relnamespace and ${userSchema('n')}
  join resolved r on r.oid = a.atttypid
  join pg_type t on t.oid = r.base
  left join pg_range g on g.rngtypid = t.oid
  join resolved er on er.oid = coalesce(g.rngsubtype, case when t.typcategory = 'A' then t.typelem end, t.oid)
  join pg_type e on e.oid = er.base
  cross join lateral (select case when a.atttypmod > 0 then a.atttypmod when r.mod > 0 then r.mod else er.mod end) m (mod)
  where a.attnum > 0 and not a.attisdropped
  order by 1, a.attnum`

const JOINS = `
  select json_build_object('relation', n.nspname || '.' || c.relname, 'column', a.attname) as "from",
    json_build_object('relation', fn.nspname || '.' || f.relname, 'column', b.attname) as "to"
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
  cross join lateral unnest(k.conkey, k.confkey) as u (x, y)
  join pg_attribute a on a.attrelid = c.oid and a.attnum = u.x
  join pg_attribute b on b.attrelid = f.oid and b.attnum = u.y
  where k.contype = 'f' order by n.nspname || '.' || c.relname, k.conname, a.attnum`

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Values of some columns in the order of their type; they are sorted where they are, and nothing is sent there. */
function sortedQuestion(columns: readonly ColumnFacts[]): string {
  const [first] = columns
  const collate = first?.collation ? ` collate ${first.collation}` : ''
  // A citext cannot be named without its schema; its order is that of the text in lower case.
  const type = first?.type === 'varchar' || first?.type === 'citext' ? 'text' : (first?.type ?? 'text')
  const by = first?.type === 'citext' ? `lower(x.v)${collate}, x.v${collate}` : `x.v::pg_catalog.${type}${collate}`
  const names = columns.map(
    ({ relation, column, shape }) => `(${quoted(relation)}, ${quoted(column)}, ${shape === 'array'})`,
  )
  return `
    select x.v as value from (
      select distinct coalesce(e.v, u.v) as v
      from (values ${names.join(', ')}) w (relation, name, is_array)
      join pg_stats s on s.schemaname || '.' || s.tablename = w.relation and s.attname = w.name
      cross join lateral unnest(coalesce(s.most_common_vals::text::text[], '{}') || coalesce(s.histogram_bounds::text::text[], '{}')
        || case when w.is_array then '{}' else coalesce(s.most_common_elems::text::text[], '{}') end) u (v)
      left join lateral unnest(case when w.is_array then u.v::text[] end) e (v) on true
      where not w.is_array or e.v is not null
      union
      select v from (values ${names.join(', ')}) w (relation, name, is_array)
      join pg_stats s on s.schemaname || '.' || s.tablename = w.relation and s.attname = w.name and w.is_array
      cross join lateral unnest(s.most_common_elems::text::text[]) v
    ) x order by ${by}, x.v collate "C"`
}

/** Everything beyond the statistics themselves. */
export interface ValueFacts {
  readonly facts: readonly ColumnFacts[]
  readonly joins: readonly JoinedColumns[]
  readonly sorted: ReadonlyMap<string, readonly string[]>
}

/** Asks for all of it; values are sorted by the server and come back in that order. */
export async function readValueFacts(session: Session): Promise<ValueFacts> {
  const rows = await session.ask<ColumnFacts & { foreign: boolean }>(FACTS)
  const facts = rows.map(({ relation, column, type, shape, collation, limit, foreign }): ColumnFacts => {
    return { relation, column, type, shape: foreign ? 'other' : shape, collation, limit }
  })
  const sorted = new Map<string, readonly string[]>()
  for (const [key, columns] of Map.groupBy(
    facts.filter((one) => treatmentOf(one) === 'ranked'),
    orderKey,
  )) {
    const values = await session.ask<{ value: string }>(sortedQuestion(columns))
    sorted.set(
      key,
      values.map(({ value }) => value),
    )
  }
  return { facts, joins: await session.ask<JoinedColumns>(JOINS), sorted }
}
