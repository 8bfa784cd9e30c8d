import type pg from 'pg'
import type { IndexFact } from '../../../core/events.ts'

/** An index, and whether queries may use it: a build that failed leaves one that only costs writes. */
export interface IndexState extends IndexFact {
  readonly valid: boolean
}

/** Indexes that are read; a database with more is beyond what this is made for. */
export const MAX_INDEXES = 50_000

/** SQL for the name of a relation as facts have it: without its schema when that is `public`. */
export const relationName = (relation: string, namespace: string): string =>
  `case when ${namespace}.nspname = 'public' then ${relation}.relname else ${namespace}.nspname || '.' || ${relation}.relname end`

/**
 * SQL for the indexes of user tables, by name; `definition` is null when an index went away while it was read.
 * @param of.also further columns, of `pg_index` as x and of the index's `pg_class` as i
 */
export const indexesQuery = (of: { readonly limit: number; readonly also?: readonly string[] }): string => `
select ${[
  `${relationName('i', 'n')} as name`,
  `${relationName('t', 'tn')} as "table"`,
  'pg_get_indexdef(x.indexrelid) as definition',
  'x.indisvalid and x.indisready and x.indislive as valid',
  ...(of.also ?? []),
].join(', ')}
from /* premortem-watch */ pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_namespace n on n.oid = i.relnamespace
join pg_class t on t.oid = x.indrelid
join pg_namespace tn on tn.oid = t.relnamespace
where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
order by 1
limit ${of.limit}`

/** All indexes of user tables, by name. */
export async function readIndexes(client: pg.Client): Promise<readonly IndexState[]> {
  const { rows } = await client.query<IndexState & { definition: string | null }>(indexesQuery({ limit: MAX_INDEXES }))
  // Null: the index went away while it was read.
  return rows.flatMap(({ name, table, definition, valid }) =>
    definition === null ? [] : [{ name, table, definition, valid }],
  )
}
