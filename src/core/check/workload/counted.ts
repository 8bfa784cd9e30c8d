/** Statements with counts, from pg_stat_statements or a log, as a workload. */
import { fingerprintOf } from '../../postgres/fingerprint.ts'
import { UnterminatedSql } from '../../postgres/scan.ts'
import { splitSql } from '../../postgres/split.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { withoutLiterals } from './literals.ts'
import { isPlannable } from './statements.ts'

/** A line of pg_stat_statements, or as much as a log tells. */
export interface CountedStatement {
  readonly text: string
  readonly role: string | null
  readonly calls: number
  /** All calls together. */
  readonly totalMs: number | null
  /** All calls together. */
  readonly rows: number | null
  /** Over which the calls were counted; null when not known. */
  readonly minutes: number | null
}

/** Queries that a snapshot keeps; the costliest. */
export const MAX_QUERIES = 5000

/** In premortem's own questions. */
const OWN = /\/\* premortem[ -]|\bpremortem(_migrations\b|\.[a-z])/
/** Catalogs and statistics views: what monitoring asks, not the application. */
const CATALOG = /\b(from|join)\s+(pg_catalog\s*\.|pg_[a-z]|information_schema\s*\.)/i
/** Nothing but a call of the statistics' own functions, such as `SELECT pg_stat_statements_reset()`. */
const STATISTICS = /^\s*select\s+(\w+\s*\.\s*)?pg_stat_\w+\s*\([^()]*\)\s*(as\s+\w+\s*)?;?\s*$/i

interface Sum {
  readonly text: string
  readonly calls: number
  readonly totalMs: number | null
  readonly rows: number | null
  readonly perMinute: number | null
  readonly role: string | null
  /** Calls by the role that is shown. */
  readonly roleCalls: number
}

const plus = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b)

function sumOf(statement: CountedStatement, text: string): Sum {
  const { calls, totalMs, rows, role, minutes } = statement
  return { text, calls, totalMs, rows, role, roleCalls: calls, perMinute: minutes === null ? null : calls / minutes }
}

function merged(a: Sum, b: Sum): Sum {
  const main = b.roleCalls > a.roleCalls ? b : a
  return {
    text: a.text,
    calls: a.calls + b.calls,
    totalMs: plus(a.totalMs, b.totalMs),
    rows: plus(a.rows, b.rows),
    perMinute: plus(a.perMinute, b.perMinute),
    role: main.role,
    roleCalls: main.roleCalls,
  }
}

/** The one statement of a text, without literals; null when it is none that has a plan. */
function textOf(text: string): string | null {
  try {
    const [statement, ...more] = splitSql(text)
    if (statement === undefined || more.length > 0 || !isPlannable(statement.words)) return null
    return withoutLiterals(statement.sql)
  } catch (error) {
    if (error instanceof UnterminatedSql) return null
    throw error
  }
}

function queryOf(fingerprint: string, sum: Sum, source: WorkloadQuery['source']): WorkloadQuery {
  const per = (value: number | null) => (value === null || sum.calls === 0 ? null : value / sum.calls)
  const { text, perMinute, role } = sum
  const from = { name: null, source, file: null, line: null }
  return { fingerprint, text, callsPerMinute: perMinute, meanMs: per(sum.totalMs), rows: per(sum.rows), role, ...from }
}

/**
 * One query for all statements that differ in their literals only. Utility statements, premortem's own and questions to
 * the catalogs are left out; beyond MAX_QUERIES the cheapest are, which a remark counts.
 */
export function mergeStatements(
  statements: readonly CountedStatement[],
  source: WorkloadQuery['source'] = 'pg_stat_statements',
): { readonly queries: readonly WorkloadQuery[]; readonly remarks: readonly string[] } {
  const sums = new Map<string, Sum>()
  for (const statement of statements) {
    if ([OWN, CATALOG, STATISTICS].some((noise) => noise.test(statement.text))) continue
    const text = textOf(statement.text)
    if (text === null) continue
    const fingerprint = fingerprintOf(text)
    const sum = sumOf(statement, text)
    const known = sums.get(fingerprint)
    sums.set(fingerprint, known === undefined ? sum : merged(known, sum))
  }
  const cost = ([, sum]: readonly [string, Sum]) => sum.totalMs ?? sum.calls
  const sorted = [...sums].sort((a, b) => cost(b) - cost(a) || (a[0] < b[0] ? -1 : 1))
  const left = sorted.length - MAX_QUERIES
  const most = MAX_QUERIES.toLocaleString('en')
  return {
    queries: sorted.slice(0, MAX_QUERIES).map(([fingerprint, sum]) => queryOf(fingerprint, sum, source)),
    remarks:
      left > 0 ? [`the ${most} costliest queries were kept; ${left.toLocaleString('en')} more were left out`] : [],
  }
}
