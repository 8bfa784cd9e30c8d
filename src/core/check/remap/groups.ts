/** Which columns must be remapped alike, so that estimates of joins stay what they are. */
import { type ColumnFacts, type ColumnKey, type JoinedColumns, keyOf, orderKey } from './facts.ts'

/** Types whose values are compared with one another: an `int4` may point to an `int8`. */
const FAMILY: Readonly<Record<string, string>> = {
  int2: 'int',
  int4: 'int',
  int8: 'int',
  varchar: 'text',
  timestamp: 'stamp',
  timestamptz: 'stamp',
}

/**
 * Columns with a foreign key between them, and columns of the same name and family of types, are one group.
 * Arrays and ranges of such values belong to it too.
 */
export function groupColumns(
  facts: readonly ColumnFacts[],
  joins: readonly JoinedColumns[],
): readonly (readonly ColumnFacts[])[] {
  const parent = new Map<ColumnKey, ColumnKey>()
  const find = (key: ColumnKey): ColumnKey => {
    let root = key
    for (let next = parent.get(root); next !== undefined && next !== root; next = parent.get(root)) root = next
    parent.set(key, root)
    return root
  }
  const join = (a: ColumnKey, b: ColumnKey) => parent.set(find(b), find(a))
  const known = new Map(facts.map((one) => [keyOf(one.relation, one.column), one]))
  const named = new Map<string, ColumnKey>()
  for (const [key, one] of known) {
    const name = `${one.column}\n${FAMILY[one.type] ?? one.type}\n${one.collation ?? ''}`
    const first = named.get(name)
    if (first === undefined) named.set(name, key)
    else join(first, key)
  }
  for (const { from, to } of joins) {
    const [a, b] = [keyOf(from.relation, from.column), keyOf(to.relation, to.column)]
    const [one, other] = [known.get(a), known.get(b)]
    if (one === undefined || other === undefined) continue
    const alike = orderKey(one) === orderKey(other) || (FAMILY[one.type] ?? 1) === (FAMILY[other.type] ?? 2)
    if (alike) join(a, b)
  }
  return [...Map.groupBy(facts, (one) => find(keyOf(one.relation, one.column))).values()]
}
