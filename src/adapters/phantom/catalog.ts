/** What the catalogs of a phantom's database say: relations with their files, and columns. */
import type pg from 'pg'

/** A table, materialized view, index or partitioned parent. */
export interface CatalogRelation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'r' | 'p' | 'm' | 'i' | 'I'
  /** Indexes: the table's oid. */
  readonly table: number | null
  readonly method: string | null
  /** Changes when the relation gets new files. */
  readonly filenode: number
  /** Relative to the data directory; null for what has no file. */
  readonly path: string | null
  readonly relpages: number
  readonly reltuples: number
  /** As `name=value`. */
  readonly options: readonly string[]
  /** Indexes: the predicate of a partial one. */
  readonly predicate: string | null
  readonly unique: boolean
  /** Indexes: key columns, without the included ones. */
  readonly keys: number
  /** Indexes: the table's column numbers, 0 for an expression. */
  readonly keyColumns: readonly number[]
}

/** A column of one of them; for an index, what it stores. */
export interface CatalogColumn {
  readonly relation: number
  readonly number: number
  readonly name: string
  /** As SQL names it, with its modifier. */
  readonly type: string
  readonly typeOid: number
  /** Bytes; negative for values of varying length. */
  readonly length: number
  readonly align: 'c' | 's' | 'i' | 'd'
  readonly generated: boolean
}

/** Everything of one database. */
export interface Catalog {
  readonly relations: ReadonlyMap<number, CatalogRelation>
  /** By relation. */
  readonly columns: ReadonlyMap<number, readonly CatalogColumn[]>
}

const USER_SCHEMAS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

const RELATIONS = `
  select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name, c.relkind as kind,
    i.indrelid::int8::float8 as "table", am.amname as method, c.relfilenode::int8::float8 as filenode,
    pg_relation_filepath(c.oid) as path, c.relpages::float8 as relpages, c.reltuples::float8 as reltuples,
    coalesce(c.reloptions, '{}') as options, pg_get_expr(i.indpred, i.indrelid) as predicate,
    coalesce(i.indisunique, false) as unique, coalesce(i.indnkeyatts, 0)::int4 as keys,
    coalesce(i.indkey::int2[], '{}') as "keyColumns"
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_index i on i.indexrelid = c.oid
  left join pg_am am on am.oid = c.relam
  where c.relkind in ('r', 'p', 'm', 'i', 'I') and c.relpersistence <> 't' and ${USER_SCHEMAS}`

const COLUMNS = `
  select a.attrelid::int8::float8 as relation, a.attnum::int4 as number, a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type, a.atttypid::int8::float8 as "typeOid", a.attlen::int4 as length,
    a.attalign as align, a.attgenerated <> '' as generated
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm', 'i', 'I') and c.relpersistence <> 't' and a.attnum > 0 and not a.attisdropped
    and ${USER_SCHEMAS}
  order by a.attrelid, a.attnum`

/** @throws the driver's error */
export async function readCatalog(client: pg.Client): Promise<Catalog> {
  const relations = await client.query<CatalogRelation>(RELATIONS)
  const columns = await client.query<CatalogColumn>(COLUMNS)
  const byRelation = new Map<number, CatalogColumn[]>()
  for (const column of columns.rows) {
    const list = byRelation.get(column.relation)
    if (list === undefined) byRelation.set(column.relation, [column])
    else list.push(column)
  }
  return { relations: new Map(relations.rows.map((relation) => [relation.oid, relation])), columns: byRelation }
}

/** The number in `fillfactor=70` and the like; undefined when the option is not set. */
export function numericOption(relation: CatalogRelation, name: string): number | undefined {
  const text = relation.options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1)
  return text === undefined ? undefined : Number(text)
}
