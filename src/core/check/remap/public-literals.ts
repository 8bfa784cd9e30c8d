/** Constants that stand in the code: in the schema, and in queries from files. They are no secrets, and must keep working. */
import { tokensOf } from '../../postgres/tokens.ts'
import type { Snapshot } from '../snapshot.ts'

/** Bodies of functions are not looked at: they may hold anything. */
const KINDS = new Set(['table', 'partition', 'constraint', 'index', 'type', 'view', 'other', 'statistics'])

/** Strings without their quotes, and numbers. */
export function publicLiterals(snapshot: Pick<Snapshot, 'schema' | 'workload'>): ReadonlySet<string> {
  const texts = [
    ...snapshot.schema.filter(({ kind }) => KINDS.has(kind)).map(({ sql }) => sql),
    ...snapshot.workload.filter(({ source }) => source === 'file').map(({ text }) => text),
  ]
  const found = new Set<string>()
  for (const text of texts) {
    for (const token of tokensOf(text)) {
      if (token.kind !== 'literal') continue
      const string = /^e?'([\s\S]*)'$/i.exec(token.text)
      found.add(string === null ? token.text : (string[1] ?? '').replaceAll("''", "'"))
    }
  }
  return found
}
