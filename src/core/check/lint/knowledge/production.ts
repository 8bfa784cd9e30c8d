/** What a snapshot says of production's schema, as far as the files under check can ask. */
import { tokensOf } from '../../../postgres/tokens.ts'
import type { RelationSnapshot, Snapshot } from '../../snapshot.ts'
import type { ParsedFile, SqlParser } from '../../sql.ts'
import { applyStatement } from './apply.ts'
import type { Catalog } from './catalog.ts'

const PAGE_BYTES = 8192
const KINDS = { r: 'table', p: 'partitioned', m: 'materialized-view' } as const

/** Sizes first, so that the schema's statements find the tables that they are about. */
function addTables(relations: readonly RelationSnapshot[], catalog: Catalog): void {
  for (const { kind, schema, name, reltuples, pages } of relations) {
    if (kind === 'i' || kind === 'I') continue
    // −1: never analysed, so nobody knows.
    const sized = kind !== 'p' && reltuples >= 0
    const rows = sized ? reltuples : null
    const bytes = kind === 'p' ? null : pages * PAGE_BYTES
    catalog.add({ schema, name }, { createdIn: null, complete: false, kind: KINDS[kind], rows, bytes })
  }
}

/** Sizes and use of indexes; their columns come from the schema's statements. */
function addIndexes(relations: readonly RelationSnapshot[], catalog: Catalog): void {
  for (const { kind, schema, name, table: on, pages, scans, valid } of relations) {
    if ((kind !== 'i' && kind !== 'I') || on === null) continue
    const table =
      catalog.table({ schema, name: on.slice(on.lastIndexOf('.') + 1) }) ?? catalog.table({ schema, name: on })
    if (table === null) continue
    const definition = `CREATE INDEX ${name} ON ${schema}.${table.name}`
    const index = { name, table, definition, unique: false, valid, isNew: false, partial: false, scans }
    catalog.addIndex({ ...index, columns: [], bytes: pages * PAGE_BYTES })
  }
}

const namesOf = (sql: string): readonly string[] =>
  tokensOf(sql).flatMap(({ kind, text }) =>
    kind === 'word' ? [text] : kind === 'quoted' ? [text.slice(1, -1).replaceAll('""', '"')] : [],
  )

/** Behind these words stands an object that a statement makes or touches. */
const OBJECTS =
  /\b(?:table|only|on|references|index|constraint|of|partition|exists|concurrently|view|inherits)[\s(]+(?!(?:only|of|if|not|exists|concurrently|table|index|view|on)\b)((?:"(?:[^"]|"")+"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\w$\u0080-\uffff]+))?)/gi

/** Names without their schema, as PostgreSQL keeps them. */
function objectsIn(sql: string): readonly string[] {
  return [...sql.matchAll(OBJECTS)].map(([, found = '']) => {
    const [, quoted, plain = ''] = /(?:"((?:[^"]|"")+)"|([\w$\u0080-\uffff]+))$/.exec(found) ?? []
    return quoted?.replaceAll('""', '"') ?? plain.toLowerCase()
  })
}

/** From an index to its table, and from a table to those that point to it. */
const ROUNDS = 2
/** CASCADE goes on from table to table. */
const CASCADE_ROUNDS = 10

/** Parses only what can matter: of 5,000 tables a change names a few. */
function addSchema(snapshot: Snapshot, options: { catalog: Catalog; parser: SqlParser; names: Set<string> }): void {
  const { catalog, parser, names } = options
  const statements = snapshot.schema.map(({ sql }) => ({ sql, objects: objectsIn(sql) }))
  const rounds = names.has('cascade') ? CASCADE_ROUNDS : ROUNDS
  for (let [round, before] = [0, -1]; round < rounds && names.size > before; round += 1) {
    before = names.size
    const reached = statements.filter(({ objects }) => objects.some((name) => names.has(name)))
    for (const { objects } of reached) for (const name of objects) names.add(name)
  }
  for (const { sql, objects } of statements) {
    if (!objects.some((name) => names.has(name))) continue
    for (const { node, sql: text, origin } of parser.parse(sql).statements) {
      if (node !== null && origin === 'file') applyStatement(node, { catalog, sql: text, transaction: null })
    }
  }
}

/** Fills a catalog with production's schema. Without a parser only names and sizes are known. */
export function addProduction(
  snapshot: Snapshot,
  options: { catalog: Catalog; parser: SqlParser | undefined; files: readonly ParsedFile[] },
): void {
  const { catalog, parser, files } = options
  addTables(snapshot.relations, catalog)
  addIndexes(snapshot.relations, catalog)
  if (parser === undefined) return
  const names = new Set(files.flatMap(({ statements }) => statements.flatMap(({ sql }) => namesOf(sql))))
  addSchema(snapshot, { catalog, parser, names })
}
