/** Runs the snapshot's schema statements on an empty database and tells which could not be. */
import type { SkippedObject } from '../../../core/check/plans.ts'
import type { SchemaStatement } from '../../../core/check/snapshot.ts'
import { type Connection, inChunks, messageOf, quoted, sqlStateOf } from '../connection.ts'

/** Statements sent at once; small enough that doing them again one by one costs little. */
const STATEMENTS_TOGETHER = 50
/** Statements may name as many roles that are not there. */
const MAX_ROLES_PER_STATEMENT = 20
const UNDEFINED_OBJECT = '42704'
const ROLE_MISSING = /^role "(.+)" does not exist$/

/** Nothing is left out silently: what fails, and what fails for want of it, is in the list. */
export async function runSchema(
  connection: Connection,
  statements: readonly SchemaStatement[],
): Promise<readonly SkippedObject[]> {
  const skipped: SkippedObject[] = []
  const lacking = new Set<string>()
  await connection.client.query('set check_function_bodies = off')
  for (const group of inChunks(statements, STATEMENTS_TOGETHER)) {
    const hopeful = group.filter(({ extension, kind }) => !isLacking(lacking, extension) || kind === 'extension')
    const whole = hopeful.length === group.length
    if (whole && (await attempt(connection, group.map(({ sql }) => sql).join(';\n'))) === null) continue
    for (const statement of group) {
      const reason = await runOne(connection, statement, lacking)
      if (reason !== null) skipped.push({ object: statement.object ?? shown(statement.sql), reason })
    }
  }
  return skipped
}

const isLacking = (lacking: ReadonlySet<string>, extension: string | null): boolean =>
  extension !== null && lacking.has(extension)

async function runOne(
  connection: Connection,
  statement: SchemaStatement,
  lacking: Set<string>,
): Promise<string | null> {
  const { extension } = statement
  const isExtension = statement.kind === 'extension'
  if (!isExtension && isLacking(lacking, extension)) return `it needs the extension "${extension}"`
  const failure = await attemptWithRoles(connection, statement.sql)
  if (failure === null || !isExtension) return failure
  const name = extension ?? statement.object ?? shown(statement.sql)
  lacking.add(name)
  return `the embedded server lacks the extension "${name}" (${failure})`
}

/** Roles do not matter to plans, their absence would: policies and default privileges name them. */
async function attemptWithRoles(connection: Connection, sql: string): Promise<string | null> {
  for (let round = 0; round < MAX_ROLES_PER_STATEMENT; round += 1) {
    const failure = await attempt(connection, sql)
    if (failure === null) return null
    const role = failure.sqlState === UNDEFINED_OBJECT ? ROLE_MISSING.exec(failure.message)?.[1] : undefined
    if (role === undefined) return failure.message
    await connection.client.query(`create role ${quoted(role)}`)
  }
  return 'it names too many roles that are not there'
}

async function attempt(
  connection: Connection,
  sql: string,
): Promise<{ readonly message: string; readonly sqlState: string | undefined } | null> {
  try {
    await connection.client.query(sql)
    return null
  } catch (error) {
    const sqlState = sqlStateOf(error)
    // Without SQLSTATE it is the connection that failed, and all that follows would.
    if (sqlState === undefined || sqlState.startsWith('57')) throw error
    return { message: messageOf(error), sqlState }
  }
}

const shown = (sql: string): string => sql.replace(/\s+/g, ' ').slice(0, 80)
