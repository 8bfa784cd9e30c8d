import { tokens } from '../../../postgres/scan.ts'
import type { LintRule } from '../rule.ts'

/** NAMEDATALEN − 1. */
export const MAX_IDENTIFIER_BYTES = 63

/** Fewer characters than that fit, whatever they are; spaces and commas stand in quoted names only. */
const MAYBE_LONG = /[^\s,;()]{16}|"/

function utf8Bytes(character: string): number {
  const code = character.codePointAt(0) ?? 0
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}

/** The name as PostgreSQL keeps it, or null when it keeps all of it. Bytes are those of UTF-8. */
function cut(name: string): string | null {
  let bytes = 0
  let kept = ''
  for (const character of name) {
    bytes += utf8Bytes(character)
    if (bytes > MAX_IDENTIFIER_BYTES) return kept
    kept += character
  }
  return null
}

/** Names are cut without an error: two of them can become one, and code that looks for the long one finds nothing. */
export const identifierTooLong: LintRule = {
  id: 'identifier-too-long',
  title: 'Name longer than 63 bytes',
  squawk: ['identifier-too-long'],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    // The tree has the names as they were cut; only the text has them whole.
    const { sql } = context.statement
    if (!MAYBE_LONG.test(sql)) return []
    const seen = new Set<string>()
    return [...tokens(sql)].flatMap((token) => {
      const text = sql.slice(token.start, token.end)
      const isQuoted = token.kind === 'quoted' && text.startsWith('"')
      if (token.kind !== 'word' && !isQuoted) return []
      const name = isQuoted ? text.slice(1, -1).replaceAll('""', '"') : text
      const kept = cut(name)
      if (kept === null || seen.has(name)) return []
      seen.add(name)
      return [
        {
          location: token.start,
          message: `The name ${text} is longer than ${MAX_IDENTIFIER_BYTES} bytes: PostgreSQL cuts it to ${isQuoted ? `"${kept}"` : kept.toLowerCase()}, with no more than a notice.`,
          remedy: 'Write a shorter name, the one that the code will look for.',
        },
      ]
    })
  },
}
