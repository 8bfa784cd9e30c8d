import type { KnownTable } from '../rule.ts'

/** Rows below which one statement over all of them is done within a second or so, and a wrong plan costs little. */
export const SMALL_TABLE_ROWS = 10_000

/** `{ level: 'note' }` for a table that is known to be small, else nothing. */
export function noteIfSmall(table: KnownTable | null): { readonly level?: 'note' } {
  const rows = table?.rows ?? null
  return rows !== null && rows < SMALL_TABLE_ROWS ? { level: 'note' } : {}
}
