/** Tables of a database, with the handful of rows that they hold: where values come from that a query can be tried with. */
import pg from 'pg'
import type { ColumnValues, TableColumn, TableLookup } from '../../../core/check/variants/statistics.ts'
import { tokensOf } from '../../../core/postgres/tokens.ts'
import type { QuerySession, TextRows } from './session.ts'

/** Of each table. */
const MAX_ROWS = 20

/** What is there of a column. Statistics it has none. */
const NOTHING: ColumnValues = { common: [], frequencies: [], histogram: [], elements: [], low: null, high: null }

interface Table {
  readonly schema: string
  readonly name: string
  readonly columns: ReadonlySet<string>
  /** Columns of unique indexes. */
  readonly unique: ReadonlySet<string>
  readonly foreign: ReadonlyMap<string, TableColumn>
}

const keyOf = (schema: string, name: string): string => JSON.stringify([schema, name])
const listOf = (names: Iterable<string>): string => [...names].map((name) => pg.escapeLiteral(name)).join(', ')

const inNames = (names: string) =>
  `n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relname in (${names})`
const COLUMNS = (names: string) => `select n.nspname as schema, c.relname as name, a.attname as column,
    exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey)) as unique
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${inNames(names)} order by 1, 2, a.attnum`
const FOREIGN = (names: string) => `select n.nspname as schema, c.relname as name, a.attname as column,
    fn.nspname as to_schema, fc.relname as to_table, fa.attname as to_column
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_class fc on fc.oid = k.confrelid join pg_namespace fn on fn.oid = fc.relnamespace
  cross join lateral unnest(k.conkey, k.confkey) as pair (own, theirs)
  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.own
  join pg_attribute fa on fa.attrelid = k.confrelid and fa.attnum = pair.theirs
  where k.contype = 'f' and ${inNames(names)} order by k.oid`

/** Looked up once for all queries, the rows when they are first needed. */
export class TablesWithRows implements TableLookup {
  private readonly tables: ReadonlyMap<string, readonly Table[]>
  private readonly rows = new Map<string, Promise<TextRows>>()

  private constructor(tables: readonly Table[]) {
    this.tables = Map.groupBy(tables, ({ name }) => name)
  }

  /** Tables whose names stand in any of the texts. */
  static async load(session: QuerySession, texts: readonly string[]): Promise<TablesWithRows> {
    const names = new Set<string>()
    for (const text of texts)
      for (const token of tokensOf(text))
        if (token.kind === 'word' || token.kind === 'quoted')
          names.add(token.text.replace(/^"|"$/g, '').replaceAll('""', '"'))
    if (names.size === 0) return new TablesWithRows([])
    const list = listOf(names)
    const [columns = [], foreign = []] = await session.send(`${COLUMNS(list)}; ${FOREIGN(list)}`)
    const byTable = Map.groupBy(columns, (row) => keyOf(row.schema ?? '', row.name ?? ''))
    const keys = Map.groupBy(foreign, (row) => keyOf(row.schema ?? '', row.name ?? ''))
    return new TablesWithRows([...byTable].map(([key, rows]) => tableOf(rows, keys.get(key) ?? [])))
  }

  table(name: string, schema: string | null): Table | null {
    const all = this.tables.get(name) ?? []
    const own = schema === null ? all : all.filter((one) => one.schema === schema)
    return own.find((one) => one.schema === 'public') ?? own[0] ?? null
  }

  column({ schema, table, column }: TableColumn): ColumnValues | null {
    return this.table(table, schema)?.columns.has(column) === true ? NOTHING : null
  }

  isUnique({ schema, table, column }: TableColumn): boolean {
    return this.table(table, schema)?.unique.has(column) === true
  }

  /** The column that a foreign key points to. */
  referenced({ schema, table, column }: TableColumn): TableColumn | null {
    return this.table(table, schema)?.foreign.get(column) ?? null
  }

  /** Values of a column, as text, NULLs left out; the same in every database with the same rows. */
  async valuesOf(session: QuerySession, { schema, table, column }: TableColumn): Promise<readonly string[]> {
    const found = this.table(table, schema)
    if (found === null && this.tables.has(table)) return []
    const key = keyOf(schema, table)
    const rows = this.rows.get(key) ?? readRows(session, { schema, table })
    this.rows.set(key, rows)
    return (await rows).flatMap((row) => row[column] ?? [])
  }
}

async function readRows(session: QuerySession, of: { schema: string; table: string }): Promise<TextRows> {
  const name = `${pg.escapeIdentifier(of.schema)}.${pg.escapeIdentifier(of.table)}`
  try {
    const [rows] = await session.send(`select t.* from ${name} t order by t::text collate "C" limit ${MAX_ROWS}`)
    return rows ?? []
  } catch (error) {
    // A view that does not work any more, a table that is not there: then there are no values.
    if (!(error instanceof pg.DatabaseError)) throw error
    return []
  }
}

function tableOf(columns: TextRows, foreign: TextRows): Table {
  const [first] = columns
  return {
    schema: first?.schema ?? '',
    name: first?.name ?? '',
    columns: new Set(columns.map(({ column }) => column ?? '')),
    unique: new Set(columns.filter(({ unique }) => unique === 't').map(({ column }) => column ?? '')),
    foreign: new Map(
      foreign.map((row) => [
        row.column ?? '',
        { schema: row.to_schema ?? '', table: row.to_table ?? '', column: row.to_column ?? '' },
      ]),
    ),
  }
}
