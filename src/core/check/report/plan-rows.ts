/** Two plans as rows, with long stretches that did not change left out. */
import { type AlignedRow, alignPlans } from '../plan-judge/side-by-side.ts'
import type { PlanReport } from '../result.ts'

/** A row, or how many were left out. */
export type ShownRow = AlignedRow | { readonly folded: number }

/** Rows that did not change and are kept around one that did. */
const CONTEXT = 3
/** A shorter stretch is shown: the line that says what was left out would take as much room. */
const LEAST_FOLDED = 4
/** Rows of plans that differ in nothing but small costs. */
const MAX_SAME = 12
/** More rows are not drawn at all. */
const MAX_ROWS = 120

export const MARKS = { same: ' ', changed: '~', removed: '-', added: '+' } as const

/** The rows of a plan's two sides. */
export function rowsOf(plan: PlanReport): readonly ShownRow[] {
  const rows = alignPlans(plan.planBefore, plan.planAfter)
  const changed = rows.some((row) => row.mark !== 'same')
  const near = (at: number) =>
    changed ? rows.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((row) => row.mark !== 'same') : at < MAX_SAME
  const shown: ShownRow[] = []
  let at = 0
  while (at < rows.length && shown.length < MAX_ROWS) {
    let end = at
    while (end < rows.length && !near(end)) end += 1
    if (end - at >= LEAST_FOLDED) shown.push({ folded: end - at })
    else shown.push(...rows.slice(at, end))
    const [row] = rows.slice(end, end + 1)
    if (row !== undefined) shown.push(row)
    at = end + 1
  }
  return at < rows.length ? [...shown, { folded: rows.length - at }] : shown
}

/** `… 12 lines not shown` */
export const foldedText = (folded: number): string => `… ${folded} lines not shown`
