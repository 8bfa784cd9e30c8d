import type { Parameter } from './choose.ts'
import type { TableLookup } from './statistics.ts'
import type { Target, Use } from './targets.ts'
import type { ParameterType } from './type-values.ts'

/** What decides most comes first: a parameter may stand in several places. */
const RANK: Readonly<Record<Use, number>> = {
  limit: 0,
  offset: 0,
  unit: 0,
  zone: 0,
  equal: 1,
  above: 2,
  below: 2,
  like: 3,
  ilike: 3,
  regex: 3,
  other: 4,
  assigned: 5,
  inserted: 5,
}

/**
 * Puts together what text and plan tell of each parameter. A text reads the same before and after a change, so it comes
 * first; the plan comes first where its column has common values and the text's has none (`a.id = $1` joined to a
 * skewed `b.a_id`), and where the text leaves open what the plan knows.
 */
export function parametersOf(
  types: readonly ParameterType[],
  from: { readonly text: readonly Target[]; readonly plan: readonly Target[]; readonly statistics: TableLookup },
): readonly Parameter[] {
  const valuesOf = ({ column }: Target) => (column === null ? null : from.statistics.column(column))
  const all = [...from.text, ...from.plan]
  const chosen = types.map((type, index) => {
    const own = all.filter(({ parameter }) => parameter === index + 1)
    const known = own.map((target) => ({ target, values: valuesOf(target), skew: 0 }))
    const rated = known.map((one) => ({ ...one, skew: one.values?.frequencies[0] ?? 0 }))
    const [best] = rated.toSorted(
      (a, b) =>
        Number(a.values === null) - Number(b.values === null) ||
        RANK[a.target.use] - RANK[b.target.use] ||
        b.skew - a.skew,
    )
    const found = rated.find(({ target }) => RANK[target.use] === 0) ?? best
    return { type, target: found?.target ?? null, values: found?.values ?? null }
  })
  const sides = new Map<string, Set<Use>>()
  for (const { target } of chosen) {
    if (target === null || (target.use !== 'above' && target.use !== 'below')) continue
    const key = JSON.stringify(target.column)
    sides.set(key, new Set([...(sides.get(key) ?? []), target.use]))
  }
  return chosen.map((one) => {
    const both = sides.get(JSON.stringify(one.target?.column ?? null))?.size === 2
    return { ...one, window: both && one.target?.column != null }
  })
}
