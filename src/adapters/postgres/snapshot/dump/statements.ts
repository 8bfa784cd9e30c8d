/** What pg_dump printed, as statements. What each is stands in the comment that pg_dump writes before it. */
import type { SchemaStatement } from '../../../../core/check/snapshot.ts'
import { splitSql } from '../../../../core/postgres/split.ts'

/** Which extension it needs, a dump does not say. */
export type DumpStatement = Omit<SchemaStatement, 'extension'>

/** Statements, and objects that are not taken. */
export interface DumpSchema {
  readonly statements: readonly DumpStatement[]
  readonly left: readonly { readonly what: string; readonly why: string }[]
}

/** pg_dump's word for what it makes, and a snapshot's. Anything else (user mappings with passwords, …) stays out. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['SCHEMA', 'schema'],
  ['EXTENSION', 'extension'],
  ['TYPE', 'type'],
  ['DOMAIN', 'type'],
  ['FUNCTION', 'function'],
  ['PROCEDURE', 'function'],
  ['AGGREGATE', 'function'],
  ['SEQUENCE', 'sequence'],
  ['SEQUENCE OWNED BY', 'sequence'],
  ['TABLE', 'table'],
  ['TABLE ATTACH', 'partition'],
  ['DEFAULT', 'other'],
  ['CONSTRAINT', 'constraint'],
  ['CHECK CONSTRAINT', 'constraint'],
  ['FK CONSTRAINT', 'constraint'],
  ['INDEX', 'index'],
  ['INDEX ATTACH', 'index'],
  ['STATISTICS', 'statistics'],
  ['VIEW', 'view'],
  ['MATERIALIZED VIEW', 'view'],
  ['RULE', 'other'],
  ['TRIGGER', 'other'],
  ['POLICY', 'other'],
  ['ROW SECURITY', 'other'],
  ['COLLATION', 'other'],
  ['CONVERSION', 'other'],
  ['CAST', 'other'],
  ['OPERATOR', 'other'],
  ['OPERATOR CLASS', 'other'],
  ['OPERATOR FAMILY', 'other'],
  ['TEXT SEARCH CONFIGURATION', 'other'],
  ['TEXT SEARCH DICTIONARY', 'other'],
])
/** They change no plan and no lock, or belong to another server: nothing is missing without them. */
const NEEDLESS: ReadonlySet<string> = new Set([
  'COMMENT',
  'EVENT TRIGGER',
  'ACL',
  'DEFAULT ACL',
  'SERVER',
  'USER MAPPING',
  'FOREIGN DATA WRAPPER',
])
/** Named by the table that they stand on. */
const ON_TABLE: ReadonlySet<string> = new Set(['DEFAULT', 'CHECK CONSTRAINT', 'FK CONSTRAINT', 'ROW SECURITY'])
/** The same where they are further statements, such as `ALTER TABLE … DISABLE TRIGGER`. */
const MAY_ALTER_TABLE: ReadonlySet<string> = new Set(['TRIGGER', 'RULE'])

const HEADER = /^-- Name: (.*); Type: ([^;]*); Schema: (.*); Owner: .*$/gm
/** psql's own commands: `\restrict`, `\unrestrict`, `\connect`. */
const META = /^(\\[^\n]*(\n|$)|--[^\n]*(\n|$)|\s+)+/
const NAME = '(?:"(?:[^"]|"")+"|[^\\s".(;]+)'
const QUALIFIED = `${NAME}\\.${NAME}`

interface Header {
  readonly name: string
  readonly type: string
  readonly schema: string
}

function headerOf(comments: string): Header | undefined {
  const [, name = '', type = '', schema = ''] = [...comments.matchAll(HEADER)].at(-1) ?? []
  return type === '' ? undefined : { name, type, schema }
}

const unquoted = (name: string): string =>
  name.replaceAll(new RegExp(NAME, 'g'), (part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part,
  )

/** What stands at the first match of `pattern`, unquoted. */
function named(sql: string, pattern: string): string | null {
  const [, name] = new RegExp(`^[^']*?\\b${pattern}`).exec(sql) ?? []
  return name === undefined ? null : unquoted(name)
}

/** As the catalogs' reader names it: constraints that are indexes by the index, others and what stands on a table by the table. */
function objectOf({ name, type, schema }: Header, sql: string): string | null {
  if (type === 'CONSTRAINT') {
    const constraint = named(sql, `ADD CONSTRAINT (${NAME})`)
    return constraint === null ? null : `${schema}.${constraint}`
  }
  const alters = MAY_ALTER_TABLE.has(type) && /^(CREATE OR REPLACE VIEW|ALTER TABLE) /.test(sql)
  if (ON_TABLE.has(type) || alters) return named(sql, `(?:TABLE|VIEW) (?:ONLY )?(${QUALIFIED})`)
  if (/^(TRIGGER|POLICY)$/.test(type)) return named(sql, `ON (${QUALIFIED})`)
  if (type === 'RULE') return named(sql, `(?:TO|TABLE) (${QUALIFIED})`)
  if (type === 'CAST') return null
  return schema === '-' ? name : `${schema}.${name}`
}

/** As the catalogs' reader calls it. */
function kindOf({ type }: Header, sql: string): string | undefined {
  if (type === 'TABLE' && sql.startsWith('ALTER')) return 'other'
  if (type === 'RULE' && sql.startsWith('CREATE OR REPLACE VIEW')) return 'view'
  return KINDS.get(type)
}

/** What is in force while pg_dump's own file is read, or there on every empty database. */
const isPreparation = (sql: string): boolean =>
  sql === '' || /^(SET|COMMENT ON|SELECT pg_catalog\.set_config)\b/.test(sql) || /^CREATE SCHEMA public$/.test(sql)

/** Filled, as the catalogs' reader does it: over empty tables that is quick, and queries may then run on it. */
function filling(sql: string, object: string | null): readonly DumpStatement[] {
  const name = new RegExp(`^CREATE MATERIALIZED VIEW (${QUALIFIED})`).exec(sql)?.[1]
  return name === undefined ? [] : [{ sql: `REFRESH MATERIALIZED VIEW ${name}`, kind: 'view', object }]
}

/**
 * Cuts a dump. Settings, comments and psql's commands are left out: all names in a dump are qualified.
 * @throws UnterminatedSql when it is no whole dump
 */
export function statementsOfDump(text: string): DumpSchema {
  const statements: DumpStatement[] = []
  const left = new Map<string, { what: string; why: string }>()
  let header: Header | undefined
  let end = 0
  for (const { sql: cut, offset } of splitSql(text)) {
    const sql = cut.replace(META, '')
    header = headerOf(text.slice(end, offset + cut.length - sql.length)) ?? header
    end = offset + cut.length
    if (header === undefined || isPreparation(sql) || NEEDLESS.has(header.type)) continue
    const kind = kindOf(header, sql)
    const object = objectOf(header, sql)
    if (kind !== undefined) statements.push({ sql, kind, object }, ...filling(sql, object))
    else {
      const what = `${header.type.toLowerCase()} ${object ?? header.name}`
      const foreign = header.type === 'FOREIGN TABLE'
      const why = foreign ? 'what it stands for is on another server' : 'objects of its kind are not taken'
      left.set(what, { what, why })
    }
  }
  return { statements, left: [...left.values()] }
}
