/** The schema: of pg_dump where one can be had, of the catalogs elsewhere. */
import type { SchemaStatement, Snapshot } from '../../../../core/check/snapshot.ts'
import { UnterminatedSql } from '../../../../core/postgres/scan.ts'
import { PREPARE, readSchema } from '../schema/catalog.ts'
import { readRoles } from '../schema/views.ts'
import { notOfExtension, userSchema } from '../scope.ts'
import type { Session } from '../session.ts'
import { type DumpRequest, printSchema } from './program.ts'
import { type DumpSchema, type DumpStatement, statementsOfDump } from './statements.ts'

/** Statements, and where they are from. */
export type FoundSchema = Pick<Snapshot, 'schema' | 'schemaSource'>

/** How the schema is to be had. */
export interface SchemaOptions extends Omit<DumpRequest, 'version'> {
  /** `auto`: pg_dump where there is one that is new enough; `catalog`: never. */
  readonly schema: 'auto' | 'catalog'
  readonly say: (line: string) => void
}

/** pg_dump leaves out what a failed CREATE INDEX CONCURRENTLY left behind; it costs at every write all the same. */
const INVALID = `
  select n.nspname || '.' || c.relname as object, pg_get_indexdef(c.oid) as sql
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
  where not i.indisvalid and c.relkind = 'i' and c.relpersistence <> 't' and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}
  order by 1`

async function dumped(options: SchemaOptions, version: number): Promise<DumpSchema | { readonly why: string }> {
  const printed = await printSchema({ ...options, version })
  if ('why' in printed) return printed
  try {
    const schema = statementsOfDump(printed.text)
    return schema.statements.length === 0 ? { why: 'it printed no schema' } : schema
  } catch (error) {
    if (!(error instanceof UnterminatedSql)) throw error
    return { why: `what it printed is not whole: ${error.message}` }
  }
}

/** A function of a dump has the types of its arguments in its name, one of the catalogs their names too. */
const nameOf = ({ kind, object }: DumpStatement): string =>
  kind === 'function' ? (object ?? '').replace(/\(.*/, '') : (object ?? '')

/** Statements of a dump, with the extensions that the catalogs know of. */
function withExtensions(
  statements: readonly DumpStatement[],
  known: readonly SchemaStatement[],
): readonly SchemaStatement[] {
  const extensions = new Map(
    known.flatMap((one) => (one.extension === null ? [] : [[`${one.kind} ${nameOf(one)}`, one.extension] as const])),
  )
  return statements.map((one) => {
    const extension = one.kind === 'extension' ? one.object : extensions.get(`${one.kind} ${nameOf(one)}`)
    return { ...one, extension: extension ?? null }
  })
}

/** @throws the reason of `options.signal`; the driver's errors */
export async function findSchema(session: Session, options: SchemaOptions): Promise<FoundSchema> {
  const { say } = options
  const found = options.schema === 'catalog' ? null : await dumped(options, session.version)
  const before = session.missing.length
  const known = await readSchema(session)
  if (found === null || 'why' in found) {
    if (found !== null) say(`schema of the catalogs, not of pg_dump: ${found.why}`)
    return { schemaSource: 'catalog', schema: known }
  }
  // What only the catalogs' reader cannot make is not missing.
  session.missing.splice(before)
  for (const one of found.left) session.missing.push({ ...one, grant: null })
  const there = new Set(found.statements.map(({ object }) => object))
  const invalid = (await session.ask<{ object: string; sql: string }>(INVALID)).filter(
    ({ object }) => !there.has(object),
  )
  const roles = (await readRoles(session)).flatMap((piece) => piece.statements)
  const indexes = invalid.map((one) => ({ ...one, kind: 'index' }))
  const schema = withExtensions([...roles, ...found.statements, ...indexes], known)
  return { schemaSource: 'pg_dump', schema: [...PREPARE, ...schema] }
}
