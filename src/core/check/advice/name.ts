/** Names for proposed indexes. */
import type { Candidate } from './candidates.ts'

/** PostgreSQL cuts names after so many bytes (NAMEDATALEN − 1). */
const MAX_NAME_BYTES = 63
/** Names that are taken are counted up, so far. */
const MAX_TRIES = 100

/** `idx_orders_customer_id_status`: table and columns, cut to what PostgreSQL keeps, unlike any name that is taken. */
export function proposedName(
  candidate: Pick<Candidate, 'table' | 'columns' | 'partial'>,
  taken: ReadonlySet<string>,
): string {
  const plain = ['idx', candidate.table, ...candidate.columns, ...(candidate.partial ? ['partial'] : [])]
    .join('_')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
  const base = plain.slice(0, MAX_NAME_BYTES)
  for (let count = 2; taken.has(base) && count < MAX_TRIES; count++) {
    const suffix = `_${count}`
    const name = `${base.slice(0, MAX_NAME_BYTES - suffix.length)}${suffix}`
    if (!taken.has(name)) return name
  }
  return base
}
