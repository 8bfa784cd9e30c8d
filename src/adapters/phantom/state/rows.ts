/** A handful of rows for run-checks: enough that updates, deletes and joins find something, and that all constraints hold. */
import type pg from 'pg'
import { type Catalog, type CatalogColumn, type CatalogRelation, readCatalog } from '../catalog.ts'
import { type Connection, literal, quoted, sqlStateOf } from '../connection.ts'
import type { StateSource } from './build.ts'
import { type EndRows, endRowsOf } from './ends.ts'

/** Foreign keys are followed to the table that a value comes from; a chain of tables is no longer than this. */
const MAX_CHAIN = 20

interface ForeignKey {
  readonly table: number
  readonly parent: number
  readonly columns: readonly number[]
  readonly parentColumns: readonly number[]
}

const FOREIGN_KEYS = `
  select conrelid::int8::float8 as table, confrelid::int8::float8 as parent, conkey::int2[] as columns,
    confkey::int2[] as "parentColumns"
  from pg_constraint where contype = 'f'`

type End = 'low' | 'high'

/**
 * Two rows a table, at the ends of its columns, where foreign keys point to rows that are there. A row that a constraint
 * refuses is left out: statements are then tried on fewer rows.
 */
export async function fillForRuns(source: StateSource, { client }: Connection): Promise<void> {
  const catalog = await readCatalog(client)
  const keys = (await client.query<ForeignKey>(FOREIGN_KEYS)).rows
  const base = { catalog: source.base.catalog, ends: source.ends }
  const rows = endRowsOf(catalog, base, ({ kind }) => kind === 'r')
  const values = new Values(rows, keys)
  await client.query('begin')
  await client.query(`set local session_replication_role = replica; set local search_path = ''`)
  for (const row of rows) {
    for (const end of ['low', 'high'] as const)
      await insert(client, row.table, values.rowOf(row.table.oid, end, catalog))
  }
  await client.query('commit')
}

/** Which value each column has at each end. */
class Values {
  private readonly rows: ReadonlyMap<number, EndRows>
  private readonly keys: readonly ForeignKey[]

  constructor(rows: readonly EndRows[], keys: readonly ForeignKey[]) {
    this.rows = new Map(rows.map((row) => [row.table.oid, row]))
    this.keys = keys
  }

  rowOf(
    table: number,
    end: End,
    catalog: Catalog,
  ): readonly { readonly column: CatalogColumn; readonly value: string }[] {
    return (catalog.columns.get(table) ?? []).flatMap((column) => {
      const value = column.generated ? undefined : this.valueOf({ table, number: column.number }, end, 0)
      return value === undefined ? [] : [{ column, value }]
    })
  }

  private valueOf(
    at: { readonly table: number; readonly number: number },
    end: End,
    depth: number,
  ): string | undefined {
    const own = this.rows.get(at.table)?.columns.find(({ column }) => column.number === at.number)?.ends[end]
    const key = this.keys.find((one) => one.table === at.table && one.columns.includes(at.number))
    const referenced = key?.parentColumns[key.columns.indexOf(at.number)]
    const turnsBack = key?.parent === at.table || depth >= MAX_CHAIN
    if (own === undefined || key === undefined || referenced === undefined || turnsBack) return own
    return this.valueOf({ table: key.parent, number: referenced }, end, depth + 1) ?? own
  }
}

async function insert(
  client: pg.Client,
  table: CatalogRelation,
  row: readonly { readonly column: CatalogColumn; readonly value: string }[],
): Promise<void> {
  if (row.length === 0) return
  const names = row.map(({ column }) => quoted(column.name)).join(', ')
  const values = row.map(({ column, value }) => `${literal(value)}::${column.type}`).join(', ')
  await client.query('savepoint premortem_row')
  try {
    await client.query(
      `insert into ${quoted(table.schema)}.${quoted(table.name)} (${names}) overriding system value values (${values}) on conflict do nothing`,
    )
    await client.query('release savepoint premortem_row')
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error
    await client.query('rollback to savepoint premortem_row')
  }
}
