/** Indexes that nothing needs, and indexes that another one makes needless. */
import { figure } from '../../wording.ts'
import type { Finding } from '../finding.ts'
import type { PlannedQuery } from '../plans.ts'
import type { CheckResult } from '../result.ts'
import { figureBytes } from './bytes.ts'
import type { Catalogue, KnownShape } from './catalogue.ts'
import { covers } from './index-shape.ts'

/** The list is for people. */
const MAX_LISTED = 50
const PAGE_BYTES = 8192
/** Smaller ones cost nothing worth a sentence. */
const LEAST_PAGES = 2

/** An index that could go, and why. Its `why` begins with `index-unused:` or `index-covered:`. */
export type UnusedIndex = CheckResult['unusedIndexes'][number]

/** Names of all indexes in these plans. */
export function indexesUsed(planned: readonly PlannedQuery[]): ReadonlySet<string> {
  const used = new Set<string>()
  const walk = (node: PlannedQuery['variants'][number]['plan']) => {
    if (node['Index Name'] !== undefined) used.add(node['Index Name'])
    for (const child of node.Plans ?? []) walk(child)
  }
  for (const { variants } of planned) for (const { plan } of variants) walk(plan)
  return used
}

/** Deleting from the parent looks for rows by a foreign key's columns: an index that begins with them is needed. */
function supportsForeignKey({ shape }: KnownShape, { foreignKeys }: Catalogue): boolean {
  return foreignKeys.some(
    (key) =>
      key.table === shape.table &&
      key.schema === shape.schema &&
      key.columns.every((column) => shape.keys.slice(0, key.columns.length).some((one) => one.column === column)),
  )
}

function coveredBy(known: KnownShape, catalogue: Catalogue): KnownShape | null {
  const others = [...catalogue.after.values()].filter((other) => other.shape.name !== known.shape.name)
  return (
    others.find(
      (other) =>
        covers(other.shape, known.shape) &&
        // Two alike cover each other: the first by name stays.
        (!covers(known.shape, other.shape) || other.constraint || other.shape.name < known.shape.name),
    ) ?? null
  )
}

const bytesOf = (name: string, { relations }: Catalogue): number => (relations.get(name)?.pages ?? 0) * PAGE_BYTES

function judged(known: KnownShape, catalogue: Catalogue, used: ReadonlySet<string>): UnusedIndex | null {
  const { shape, constraint } = known
  const relation = catalogue.relations.get(shape.name)
  if (constraint || relation === undefined || relation.pages < LEAST_PAGES) return null
  const entry = { index: shape.name, table: shape.table, bytes: bytesOf(shape.name, catalogue) }
  const wide = coveredBy(known, catalogue)
  if (wide !== null) return { ...entry, why: `index-covered: ${wide.shape.name} serves every search that it serves.` }
  if (shape.unique || relation.scans !== 0 || used.has(shape.name) || supportsForeignKey(known, catalogue)) return null
  return {
    ...entry,
    why: 'index-unused: production has not searched it since its counters were reset, and no plan of the workload uses it.',
  }
}

/**
 * Production's indexes that are still there after the change and that nobody needs, largest first. Those that enforce or
 * support a constraint are needed whatever their counters say.
 */
export function unusedIndexes(catalogue: Catalogue, used: ReadonlySet<string>): readonly UnusedIndex[] {
  return [...catalogue.after.values()]
    .filter((known) => known.madeBy === null)
    .flatMap((known) => judged(known, catalogue, used) ?? [])
    .toSorted((a, b) => b.bytes - a.bytes || (a.index < b.index ? -1 : 1))
    .slice(0, MAX_LISTED)
}

const at = (known: KnownShape): Pick<Finding, 'file' | 'line' | 'column'> => ({
  file: known.madeBy?.file ?? null,
  line: known.madeBy?.line ?? null,
  column: null,
})

function newIndexFinding(known: KnownShape, catalogue: Catalogue, used: ReadonlySet<string>): Finding | null {
  const { shape } = known
  if (known.constraint) return null
  const wide = coveredBy(known, catalogue)
  if (wide !== null)
    return {
      rule: 'index-covered',
      severity: 'warning',
      ...at(known),
      message: `${shape.name} on ${shape.table} does nothing that ${wide.shape.name} does not do: the same leading columns, the same rows. Every write pays for both.`,
      remedy: `Leave ${shape.name} out, or drop ${wide.shape.name} when the new one is to replace it.`,
    }
  const table = catalogue.relations.get(shape.table)
  if (shape.unique || used.has(shape.name) || supportsForeignKey(known, catalogue) || table === undefined) return null
  return {
    rule: 'index-unused',
    severity: 'note',
    ...at(known),
    message: `No query of the workload uses the new index ${shape.name} on ${shape.table} (${figure(Math.max(0, table.reltuples))} rows, ${figureBytes(table.pages * PAGE_BYTES)}).`,
    remedy: 'Leave it out, unless queries that are not in the workload yet need it: add those as a .sql file.',
  }
}

/** What the change's own new indexes are good for. `used`: by the plans after the change. */
export const newIndexFindings = (catalogue: Catalogue, used: ReadonlySet<string>): readonly Finding[] =>
  [...catalogue.after.values()]
    .filter((known) => known.madeBy !== null)
    .flatMap((known) => newIndexFinding(known, catalogue, used) ?? [])
