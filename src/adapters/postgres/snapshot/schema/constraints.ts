/** Keys, indexes, checks that are not validated, foreign keys, extended statistics. */
import { notOfExtension, userSchema } from '../scope.ts'
import type { Session } from '../session.ts'
import type { Phase, Piece } from './piece.ts'

interface Row {
  readonly oid: string
  readonly object: string
  readonly sql: string
  /** Further statements on the same object. */
  readonly more: readonly string[]
  readonly also: readonly string[]
}

const TABLE = "format('%I.%I', n.nspname, t.relname)"
const FROM_TABLE = `join pg_namespace n on n.oid = t.relnamespace
  where t.relkind in ('r', 'p', 'm') and t.relpersistence <> 't' and ${userSchema('n')} and ${notOfExtension('pg_class', 't.oid')}`

/** Options and statistics targets of an index `x` over `pg_class c`. */
const INDEX_MORE = `array(
    select format('ALTER INDEX %I.%I SET (%s)', n.nspname, c.relname, array_to_string(c.reloptions, ', ')) where c.reloptions is not null and x.conoid is not null
    union all
    select format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', n.nspname, c.relname, a.attnum, a.attstattarget)
      from pg_attribute a where a.attrelid = c.oid and a.attstattarget >= 0
    union all
    select format('ALTER TABLE ONLY %I.%I CLUSTER ON %I', n.nspname, t.relname, c.relname) where x.indisclustered
    union all
    select format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY USING INDEX %I', n.nspname, t.relname, c.relname) where x.indisreplident)`

const INDEXED = `
  from (select i.*, k.oid as conoid, k.conname from pg_index i
    left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')) x
  join pg_class c on c.oid = x.indexrelid join pg_class t on t.oid = x.indrelid ${FROM_TABLE}`

const KEYS = `
  select x.conoid::text as oid, n.nspname || '.' || c.relname as object,
    format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s', ${TABLE}, x.conname, pg_get_constraintdef(x.conoid)) as sql,
    ${INDEX_MORE} as more, array['pg_class:' || c.oid] as also
  ${INDEXED} and x.conoid is not null`

const INDEXES = `
  select c.oid::text as oid, n.nspname || '.' || c.relname as object, pg_get_indexdef(c.oid) as sql, ${INDEX_MORE} as more, '{}'::text[] as also
  ${INDEXED} and x.conoid is null`

const ATTACHED = `
  select 'attach-' || c.oid as oid, n.nspname || '.' || c.relname as object, '{}'::text[] as more, '{}'::text[] as also,
    format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I', pn.nspname, p.relname, n.nspname, c.relname) as sql
  from pg_inherits h join pg_class c on c.oid = h.inhrelid join pg_class p on p.oid = h.inhparent
  join pg_namespace pn on pn.oid = p.relnamespace join pg_index i on i.indexrelid = c.oid join pg_class t on t.oid = i.indrelid
  ${FROM_TABLE} and p.relkind = 'I'`

const CONSTRAINTS = (condition: string, only: string) => `
  select k.oid::text as oid, n.nspname || '.' || t.relname as object, '{}'::text[] as more, '{}'::text[] as also,
    k.conname as "name",
    format('ALTER TABLE %s%s ADD CONSTRAINT %I %s', ${only}, ${TABLE}, k.conname, pg_get_constraintdef(k.oid)) as sql
  from pg_constraint k join pg_class t on t.oid = k.conrelid ${FROM_TABLE} and ${condition}`

const CHECKS = CONSTRAINTS("k.contype = 'c' and not k.convalidated and k.conislocal", "'ONLY '")
const FOREIGN_KEYS = CONSTRAINTS(
  "k.contype = 'f' and k.conparentid = 0",
  "case when t.relkind = 'p' then '' else 'ONLY ' end",
)

const targets = (version: number) =>
  `array(select format('ALTER STATISTICS %I.%I SET STATISTICS %s', sn.nspname, s.stxname, s.stxstattarget) where ${version >= 170_000 ? 's.stxstattarget is not null' : 's.stxstattarget >= 0'})`

const statistics = (version: number) => `
  select s.oid::text as oid, sn.nspname || '.' || s.stxname as object, pg_get_statisticsobjdef(s.oid) as sql,
    ${targets(version)} as more, '{}'::text[] as also
  from pg_statistic_ext s join pg_namespace sn on sn.oid = s.stxnamespace join pg_class t on t.oid = s.stxrelid ${FROM_TABLE}`

function pieces(rows: readonly (Row & { name?: string })[], made: { catalog: string; phase: Phase; kind: string }) {
  return rows.map((row): Piece => {
    const { kind } = made
    const statements = [row.sql, ...row.more].map((sql) => ({ sql, kind, object: row.object }))
    const name = row.name === undefined ? row.object : `${row.object}.${row.name}`
    return { key: `${made.catalog}:${row.oid}`, alsoMakes: row.also, phase: made.phase, name, statements }
  })
}

/** Partitions have their own indexes, which are then attached to the parent's, as pg_dump does it. */
export async function readConstraints(session: Session): Promise<readonly Piece[]> {
  const ask = (sql: string) => session.ask<Row>(sql)
  return [
    ...pieces(await ask(KEYS), { catalog: 'pg_constraint', phase: 'key', kind: 'constraint' }),
    ...pieces(await ask(INDEXES), { catalog: 'pg_class', phase: 'index', kind: 'index' }),
    ...pieces(await ask(ATTACHED), { catalog: 'attach', phase: 'index-attach', kind: 'index' }),
    ...pieces(await ask(CHECKS), { catalog: 'pg_constraint', phase: 'check', kind: 'constraint' }),
    ...pieces(await ask(FOREIGN_KEYS), { catalog: 'pg_constraint', phase: 'foreign-key', kind: 'constraint' }),
    ...pieces(await ask(statistics(session.version)), {
      catalog: 'pg_statistic_ext',
      phase: 'statistics',
      kind: 'statistics',
    }),
  ]
}
