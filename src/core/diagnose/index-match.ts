/** Whether a plan scans a whole table for what a dropped index had in order. */
import type { IndexFact } from '../events.ts'
import { parseIndexDefinition } from '../postgres/index-definition.ts'
import { type SequentialScan, sequentialScans } from '../postgres/plan.ts'
import type { PlanNode } from '../postgres/plan-node.ts'

/** How a dropped index would have served a scan. */
export interface IndexMatch {
  readonly scan: SequentialScan
  /** 0 to 1: how directly the index would have served the scan. */
  readonly strength: number
  /** Its first key is what the plan filters or sorts by, not merely joins by. */
  readonly direct: boolean
  /** Such as `its key created_at is what the plan sorts by`. */
  readonly reasons: readonly string[]
}

const unqualified = (table: string): string => table.slice(table.lastIndexOf('.') + 1).replaceAll('"', '')

function served(index: IndexFact, scan: SequentialScan): IndexMatch | null {
  const definition = parseIndexDefinition(index.definition)
  if (definition === null) return null
  const leading = definition.keys[0]?.columns ?? []
  const uses = [
    { what: 'is what the plan filters by', columns: scan.filterColumns, strength: 1, direct: true },
    { what: 'is what the plan sorts by', columns: scan.sortColumns, strength: 1, direct: true },
    { what: 'is what the plan joins by', columns: scan.joinColumns, strength: 0.6, direct: false },
  ]
  const byKey = uses.flatMap(({ what, columns, strength, direct }) => {
    const column = leading.find((one) => columns.includes(one))
    return column === undefined ? [] : [{ strength, direct, reason: `its key ${column} ${what}` }]
  })
  const predicate = definition.predicateColumns.filter((column) => scan.filterColumns.includes(column))
  const partial =
    predicate.length > 0
      ? [{ strength: 0.5, direct: false, reason: `it held only the rows that ${predicate.join(', ')} selects` }]
      : []
  const found = [...byKey, ...partial]
  if (found.length === 0) return null
  // A partial index serves only queries that repeat its condition.
  const unmet = definition.predicateColumns.length > 0 && predicate.length === 0
  const strength = Math.max(...found.map((one) => one.strength)) * (unmet ? 0.3 : 1)
  const direct = found.some((one) => one.direct)
  return { scan, strength, direct, reasons: found.map((one) => one.reason) }
}

/** The scan that the index would have served best; null when it has nothing to do with this plan. */
export function matchIndex(index: IndexFact, plan: PlanNode): IndexMatch | null {
  const scans = sequentialScans(plan).filter((scan) => scan.table === unqualified(index.table))
  const matches = scans.flatMap((scan) => served(index, scan) ?? [])
  return matches.sort((a, b) => b.strength - a.strength)[0] ?? null
}
