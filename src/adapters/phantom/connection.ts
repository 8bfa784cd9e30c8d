/** Connections to the phantom's own server: short-lived, so that none outlives the files it has seen. */
import pg from 'pg'

/** A statement on empty files that takes longer is stuck. */
const STATEMENT_LIMIT_MS = 120_000
const CONNECT_LIMIT_MS = 20_000
/** Warnings of one connection that are kept. */
const MAX_WARNINGS = 10_000

/** A connection and what the server warned of on it. */
export interface Connection {
  readonly client: pg.Client
  /** Messages of level WARNING since the last call. */
  warnings(): readonly string[]
}

/** @throws the driver's error; the reason of `signal` when it was aborted meanwhile */
export async function withConnection<T>(
  options: { readonly connectionString: string; readonly signal: AbortSignal },
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { connectionString, signal } = options
  signal.throwIfAborted()
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    options: `-c statement_timeout=${STATEMENT_LIMIT_MS} -c client_min_messages=warning`,
  })
  let heard: string[] = []
  client.on('notice', ({ message }) => {
    if (message !== undefined && heard.length < MAX_WARNINGS) heard.push(message)
  })
  // The query under way fails as well; without a listener the lost connection would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const warnings = () => {
      const taken = heard
      heard = []
      return taken
    }
    const result = await work({ client, warnings })
    signal.throwIfAborted()
    return result
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    await client.end()
  }
}

/** The words of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** SQLSTATE; undefined for errors that are not the database's. */
export const sqlStateOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** A name as SQL takes it. */
export const quoted = (name: string): string => pg.escapeIdentifier(name)
/** A text as SQL takes it. */
export const literal = (text: string): string => pg.escapeLiteral(text)

/** Of text[]: pg knows the type, its declarations do not name it. */
const TEXT_ARRAY = 1009
const parserOf = pg.types.getTypeParser as (oid: number, format: 'text') => (text: string) => (string | null)[]
const parseTextArray = parserOf(TEXT_ARRAY, 'text')

/** Elements of PostgreSQL's text form of an array, such as `{a,"b c",NULL}`. */
export const elementsOf = (array: string | null): readonly string[] =>
  array === null ? [] : parseTextArray(array).filter((element) => element !== null)

/** The text form of an array of these elements. */
export const arrayOf = (elements: readonly string[]): string =>
  `{${elements.map((element) => `"${element.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`

/** Pieces of at most `size`. */
export function inChunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: (readonly T[])[] = []
  for (let from = 0; from < list.length; from += size) chunks.push(list.slice(from, from + size))
  return chunks
}
