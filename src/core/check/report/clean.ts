/**
 * Takes out of a result what has no business on a screen: escape sequences in a query could repaint a terminal, and
 * characters that turn the direction of reading make SQL look like other SQL.
 */
import type { CheckResult } from '../result.ts'

/** All but line feeds and tabs. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu
/** Longer texts are cut in reports; the JSON has them whole. Migrations of 10 MB exist, readers of 10 MB do not. */
const MAX_TEXT = 20_000
/** Deeper values are left as they are: plans of PostgreSQL do not go there. */
const MAX_DEPTH = 500

/** Without invisible characters, line ends as line feeds. */
const cleanText = (text: string): string => {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  return short.replace(/\r\n?/g, '\n').replace(INVISIBLE, '')
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (depth >= MAX_DEPTH || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => cleanValue(one, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleanValue(one, depth + 1)]))
}

/** The same result with harmless texts, for every form that people read. */
export const cleaned = (result: CheckResult): CheckResult => cleanValue(result, 0) as CheckResult
