/** Makes a text PostgreSQL's: parameter types resolved, and what pg_stat_statements broke put right. */
import pg from 'pg'
import {
  expandLists,
  highestParameter,
  repairGrouping,
  repairTypedLiterals,
  SQUASHED_LIST_LENGTH,
} from '../../../core/check/variants/repair.ts'
import type { ParameterType } from '../../../core/check/variants/type-values.ts'
import type { QuerySession, TextRows } from './session.ts'
import type { TypeCatalog } from './types.ts'

/** A statement that the session has prepared under NAME. */
export interface Prepared {
  readonly sql: string
  readonly types: readonly ParameterType[]
  readonly remarks: readonly string[]
  /** Of the statements that were to follow. */
  readonly followed: readonly TextRows[]
}

/** Of the one prepared statement that a session has at a time. */
export const NAME = 'premortem_query'
/** PostgreSQL's own limit of parameters is 65,535; each that has no type takes one more look. */
const MAX_ATTEMPTS = 40

const NO_TYPE = '42P18'
const TYPES = `select parameter_types::oid[] as types from pg_prepared_statements where name = '${NAME}'`
const isGrouping = (code: string): boolean => code === '42803' || code === '42P10'
/** Function or operator could not be chosen for values of unknown type. */
const isAmbiguous = (code: string): boolean => ['42725', '42804', '42P38', NO_TYPE].includes(code)

interface Attempt {
  readonly sql: string
  /** Types told to PREPARE; `unknown` lets PostgreSQL find them. */
  readonly declared: ReadonlyMap<number, string>
  readonly remarks: readonly string[]
}

function statementOf({ sql, declared }: Attempt): string {
  const count = highestParameter(sql)
  const types = Array.from({ length: count }, (_, index) => declared.get(index + 1) ?? 'unknown')
  const list = declared.size === 0 ? '' : `(${types.join(', ')})`
  // A line of its own ends a comment that the text may end with.
  return `prepare ${NAME} ${list} as ${sql}\n`
}

function asText(attempt: Attempt, parameters: readonly number[]): Attempt {
  const declared = new Map(attempt.declared)
  for (const parameter of parameters) declared.set(parameter, 'text')
  const names = parameters.map((one) => `$${one}`).join(', ')
  const remark = `PostgreSQL could not tell the type of ${names}: taken as text`
  return { ...attempt, declared, remarks: [...attempt.remarks, remark] }
}

/** What to try after a failure; null when there is nothing left. */
function next(attempt: Attempt, error: pg.DatabaseError): Attempt | null {
  const code = error.code ?? ''
  const missing = /data type of parameter \$(\d+)/.exec(error.message)?.[1]
  if (code === NO_TYPE && missing !== undefined && !attempt.declared.has(Number(missing)))
    return asText(attempt, [Number(missing)])
  const repaired =
    code === '42601' ? repairTypedLiterals(attempt.sql) : isGrouping(code) ? repairGrouping(attempt.sql) : null
  if (repaired !== null) {
    const remark = isGrouping(code)
      ? 'parameters of GROUP BY and ORDER BY were taken as those of the same expression before them'
      : 'typed literals such as "interval $1" were written as casts'
    return { ...attempt, sql: repaired, remarks: [...attempt.remarks, remark] }
  }
  const count = highestParameter(attempt.sql)
  if (!isAmbiguous(code) || attempt.declared.size > 0 || count === 0) return null
  return asText(
    attempt,
    Array.from({ length: count }, (_, index) => index + 1),
  )
}

function first(sql: string): Attempt {
  const expanded = expandLists(sql)
  const remark = `lists of unknown length were planned with ${SQUASHED_LIST_LENGTH} values`
  return expanded === null
    ? { sql, declared: new Map(), remarks: [] }
    : { sql: expanded, declared: new Map(), remarks: [remark] }
}

const oids = (text: string | null | undefined): readonly string[] =>
  (text ?? '{}')
    .slice(1, -1)
    .split(',')
    .filter((oid) => oid !== '')

/** `premortem_query`, or `premortem_query('1', NULL)`. */
export function execution(values: readonly (string | null)[]): string {
  const list = values.map((value) => (value === null ? 'NULL' : pg.escapeLiteral(value))).join(', ')
  return `execute ${NAME}${values.length === 0 ? '' : `(${list})`}`
}

/**
 * Prepares a statement, and sends what is to follow in the same message.
 * @param options.follow given the number of parameters, the statements behind PREPARE
 * @throws pg.DatabaseError the first one, when nothing helps; ConnectionLost
 */
export async function prepare(
  session: QuerySession,
  options: { readonly sql: string; readonly types: TypeCatalog; readonly follow: (parameters: number) => string },
): Promise<Prepared> {
  let attempt = first(options.sql)
  let failed: pg.DatabaseError | null = null
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const follow = options.follow(highestParameter(attempt.sql))
    try {
      const results = await session.send(`deallocate all; ${statementOf(attempt)}; ${TYPES}; ${follow}`)
      const types = oids(results[2]?.[0]?.types).map((oid) => options.types.get(oid))
      return { sql: attempt.sql, types, remarks: attempt.remarks, followed: results.slice(3) }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      failed ??= error
      const again = next(attempt, error)
      if (again === null) throw failed
      attempt = again
    }
  }
  throw failed ?? new Error('unreachable: every attempt fails or returns')
}
