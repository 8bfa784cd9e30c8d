/** The schema from the catalogs, for when there is no pg_dump that is new enough, and for comparisons. */
import type { SchemaStatement } from '../../../../core/check/snapshot.ts'
import { FIRST_OWN_OID } from '../scope.ts'
import type { Session } from '../session.ts'
import { readColumns } from './columns.ts'
import { readConstraints } from './constraints.ts'
import { readFunctions } from './functions.ts'
import { type Dependency, type ObjectKey, type Piece, sortPieces } from './piece.ts'
import { readTables } from './tables.ts'
import { readTypes } from './types.ts'
import { readViews } from './views.ts'

const DEPENDENCIES = `
  select d.classid::regclass::text || ':' || d.objid as "from", d.refclassid::regclass::text || ':' || d.refobjid as "to"
  from pg_depend d where d.objid >= ${FIRST_OWN_OID} and d.refobjid >= ${FIRST_OWN_OID} and d.deptype in ('n', 'a', 'P', 'S')
    and not (d.classid = 'pg_class'::regclass and d.deptype = 'a' and exists (select from pg_sequence q where q.seqrelid = d.objid))`

const MEMBERS = `
  select d.classid::regclass::text || ':' || d.objid as "key", e.extname as extension, 'pg_extension:' || e.oid as "extensionKey"
  from pg_depend d join pg_extension e on e.oid = d.refobjid
  where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname <> 'plpgsql'`

interface Member {
  readonly key: ObjectKey
  readonly extension: string
  readonly extensionKey: ObjectKey
}

/** What is in force while a schema is made. */
export const PREPARE: readonly SchemaStatement[] = [
  { sql: 'SET check_function_bodies = false', kind: 'setting', object: null, extension: null },
]

/** The first extension that a piece needs something of. */
function extensionsOf(
  pieces: readonly Piece[],
  needs: ReadonlyMap<ObjectKey, readonly Dependency[]>,
  members: ReadonlyMap<ObjectKey, Member>,
): ReadonlyMap<Piece, string> {
  const found = new Map<Piece, string>()
  for (const piece of pieces) {
    const names = [piece.key, ...piece.alsoMakes]
      .flatMap((key) => needs.get(key) ?? [])
      .flatMap(({ to }) => members.get(to)?.extension ?? [])
      .sort()
    const own = piece.phase === 'extension' ? piece.name : names[0]
    if (own !== undefined) found.set(piece, own)
  }
  return found
}

/** @returns statements in an order in which they run on an empty database of PostgreSQL 18 */
export async function readSchema(session: Session): Promise<readonly SchemaStatement[]> {
  const columns = await readColumns(session)
  const pieces = [
    ...(await readTypes(session)),
    ...(await readFunctions(session)),
    ...(await readTables(session, columns)),
    ...(await readConstraints(session)),
    ...(await readViews(session)),
  ]
  const members = new Map((await session.ask<Member>(MEMBERS)).map((member) => [member.key, member]))
  const dependencies = (await session.ask<Dependency>(DEPENDENCIES)).map(({ from, to }) => ({
    from,
    to,
  }))
  const throughExtensions = dependencies.flatMap(({ from, to }) => {
    const member = members.get(to)
    return member === undefined ? [] : [{ from, to: member.extensionKey }]
  })
  const extensions = extensionsOf(
    pieces,
    Map.groupBy(dependencies, ({ from }) => from),
    members,
  )
  const sorted = sortPieces(pieces, [...dependencies, ...throughExtensions])
  return [
    ...PREPARE,
    ...sorted.flatMap((piece) =>
      piece.statements.map((statement) => ({ ...statement, extension: extensions.get(piece) ?? null })),
    ),
  ]
}
