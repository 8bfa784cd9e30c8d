/**
 * A text from pg_stat_statements has parameters where the application has constants, and a plan for any value says little
 * about the rare one that is asked for. The condition of a dropped partial index tells which value that was.
 */
import type { IndexFact } from '../events.ts'
import { tokensOf } from '../postgres/tokens.ts'

/** `status` and `'pending'`, of `WHERE (status = 'pending'::text)`. */
interface Condition {
  readonly column: string
  readonly literal: string
}

function conditionsOf(definition: string): readonly Condition[] {
  const tokens = tokensOf(definition)
  const where = tokens.findIndex((token) => token.kind === 'word' && token.text === 'where')
  if (where === -1) return []
  return tokens.slice(where).flatMap((token, at, predicate) => {
    const [equals, value] = [predicate[at + 1], predicate[at + 2]]
    if (token.kind !== 'word' || equals?.text !== '=' || value?.kind !== 'literal') return []
    return [{ column: token.text, literal: value.text }]
  })
}

/**
 * The statement with the parameters that are compared with a condition's column replaced by its value; null when there is
 * none. `status = $1` becomes `status = 'pending'` by the index `… WHERE status = 'pending'`.
 */
export function withPredicateValues(statement: string, indexes: readonly IndexFact[]): string | null {
  let text = statement
  for (const { column, literal } of indexes.flatMap((index) => conditionsOf(index.definition))) {
    if (!/^[a-z_][a-z0-9_]*$/.test(column)) continue
    const parameter = new RegExp(`\\b${column}\\s*=\\s*\\$(\\d+)`, 'i').exec(text)?.[1]
    if (parameter !== undefined) text = text.replaceAll(new RegExp(`\\$${parameter}(?!\\d)`, 'g'), () => literal)
  }
  return text === statement ? null : text
}
