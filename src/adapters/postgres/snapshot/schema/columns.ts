/** Columns as CREATE TABLE writes them. */
import { notOfExtension, userSchema } from '../scope.ts'
import type { Session } from '../session.ts'

/** A column of a table, as far as its definition goes. */
export interface ColumnRow {
  readonly tableOid: string
  /** Quoted. */
  readonly name: string
  readonly type: string
  /** Quoted and qualified; null when it is the type's own. */
  readonly collation: string | null
  readonly notNull: boolean
  /** Given by a person, so not what PostgreSQL would call it. */
  readonly notNullName: string | null
  readonly identity: '' | 'a' | 'd'
  readonly identityOptions: string | null
  readonly generated: '' | 's' | 'v'
  readonly defaultOid: string | null
  readonly defaultSql: string | null
  /** Not inherited only. */
  readonly local: boolean
  readonly statisticsTarget: number | null
  readonly options: string | null
}

const columns = (version: number) => `
  select c.oid::text as "tableOid", quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type,
    (select format('%I.%I', kn.nspname, k.collname) from pg_collation k join pg_namespace kn on kn.oid = k.collnamespace
      join pg_type t on t.oid = a.atttypid where k.oid = a.attcollation and a.attcollation <> t.typcollation) as collation,
    a.attnotnull as "notNull",
    ${
      version >= 180_000
        ? `(select quote_ident(k.conname) from pg_constraint k where k.conrelid = c.oid and k.contype = 'n' and k.conkey[1] = a.attnum
      and k.conislocal and k.conname <> c.relname || '_' || a.attname || '_not_null')`
        : 'null'
    } as "notNullName",
    a.attidentity as identity,
    (select concat_ws(' ',
        case when s.relname <> c.relname || '_' || a.attname || '_seq' or sn.oid <> n.oid then format('SEQUENCE NAME %I.%I', sn.nspname, s.relname) end,
        case when q.seqstart <> 1 then 'START WITH ' || q.seqstart end, case when q.seqincrement <> 1 then 'INCREMENT BY ' || q.seqincrement end,
        case when q.seqmin <> 1 then 'MINVALUE ' || q.seqmin end,
        case when q.seqmax <> case q.seqtypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else 9223372036854775807 end then 'MAXVALUE ' || q.seqmax end,
        case when q.seqcache <> 1 then 'CACHE ' || q.seqcache end, case when q.seqcycle then 'CYCLE' end)
      from pg_depend d join pg_sequence q on q.seqrelid = d.objid join pg_class s on s.oid = q.seqrelid join pg_namespace sn on sn.oid = s.relnamespace
      where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
        and d.deptype = 'i' and a.attidentity <> '') as "identityOptions",
    a.attgenerated as generated, x.oid::text as "defaultOid", pg_get_expr(x.adbin, x.adrelid) as "defaultSql", a.attislocal as local,
    nullif(a.attstattarget, -1)::int as "statisticsTarget", array_to_string(a.attoptions, ', ') as options
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  left join pg_attrdef x on x.adrelid = c.oid and x.adnum = a.attnum
  where c.relkind in ('r', 'p') and c.relpersistence <> 't' and a.attnum > 0 and not a.attisdropped
    and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}
  order by c.oid, a.attnum`

/** Columns of all tables, in their order. */
export const readColumns = (session: Session): Promise<readonly ColumnRow[]> =>
  session.ask<ColumnRow>(columns(session.version))

/** `name type COLLATE … DEFAULT … NOT NULL`. */
export function columnText(column: ColumnRow): string {
  const parts = [column.name, column.type]
  if (column.collation !== null) parts.push(`COLLATE ${column.collation}`)
  if (column.generated !== '' && column.defaultSql !== null) {
    parts.push(`GENERATED ALWAYS AS (${column.defaultSql}) ${column.generated === 's' ? 'STORED' : 'VIRTUAL'}`)
  } else if (column.defaultSql !== null) parts.push(`DEFAULT ${column.defaultSql}`)
  if (column.identity !== '') {
    const options = !column.identityOptions ? '' : ` (${column.identityOptions})`
    parts.push(`GENERATED ${column.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY${options}`)
  }
  if (column.notNull) {
    parts.push(column.notNullName === null ? 'NOT NULL' : `CONSTRAINT ${column.notNullName} NOT NULL`)
  }
  return parts.join(' ')
}

/** What CREATE TABLE cannot say: how many values ANALYZE keeps, and a number of distinct values that a person set. */
export function columnOptions(table: string, columns: readonly ColumnRow[]): readonly string[] {
  return columns.flatMap((column) => {
    const alter = `ALTER TABLE ONLY ${table} ALTER COLUMN ${column.name}`
    const target = column.statisticsTarget === null ? [] : [`${alter} SET STATISTICS ${column.statisticsTarget}`]
    return column.options ? [...target, `${alter} SET (${column.options})`] : target
  })
}
