/** Are two plans the same, and do they cost the same? */
import type { PlannedQuery, VariantPlan } from '../../src/core/check/plans.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'

/** Two plans of a query, made for the same values. */
export interface Compared {
  readonly schema: string
  readonly query: string
  readonly variant: string
  readonly sameTree: boolean
  /** Phantom's cost by the real one's. */
  readonly ratio: number
  readonly real: PlanNode
  readonly phantom: PlanNode
}

/** By alias: what is scanned, how, and how it is put together. */
export const treeOf = (node: PlanNode): unknown => [
  node['Node Type'],
  node.Alias ?? null,
  node['Relation Name'] ?? null,
  node['Index Name'] ?? null,
  node['Join Type'] ?? null,
  node.Strategy ?? null,
  node['Scan Direction'] ?? null,
  (node.Plans ?? []).map(treeOf),
]

/** @throws Error when one side could not plan what the other could */
export function compare(
  schema: string,
  real: readonly PlannedQuery[],
  phantom: readonly PlannedQuery[],
): readonly Compared[] {
  return real.flatMap((one, at): readonly Compared[] => {
    const other = phantom[at]
    const name = one.query.name ?? one.query.fingerprint
    if (other === undefined) throw new Error(`${name}: not planned on the phantom`)
    if ((one.unplanned === null) !== (other.unplanned === null))
      throw new Error(`${name}: ${one.unplanned?.reason ?? 'planned'} / ${other.unplanned?.reason ?? 'planned'}`)
    return one.variants.map((variant) => compareOne({ schema, name, variant, other }))
  })
}

function compareOne(pair: {
  readonly schema: string
  readonly name: string
  readonly variant: VariantPlan
  readonly other: PlannedQuery
}): Compared {
  const { variant } = pair
  const twin = pair.other.variants.find((one) => one.variant === variant.variant)
  if (twin === undefined) throw new Error(`${pair.name}: no ${variant.variant} on the phantom`)
  return {
    schema: pair.schema,
    query: pair.name,
    variant: variant.variant,
    sameTree: JSON.stringify(treeOf(variant.plan)) === JSON.stringify(treeOf(twin.plan)),
    ratio: ratioOf(twin.plan, variant.plan),
    real: variant.plan,
    phantom: twin.plan,
  }
}

/** Empty tables cost nothing, on either side. */
function ratioOf(phantom: PlanNode, real: PlanNode): number {
  const [ours, theirs] = [phantom['Total Cost'], real['Total Cost']]
  return ours === theirs ? 1 : ours / theirs
}
