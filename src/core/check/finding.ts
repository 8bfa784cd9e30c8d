import type { FindingSeverity } from './severity.ts'

/** A change of the text that clears a finding by itself. Offsets in the file's text, in UTF-16 units. */
export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** One thing that is wrong, or worth knowing, about a change. Part of the stable JSON. */
export interface Finding {
  /** A rule's id, kebab-case; its page is `docs/rules/<id>.md`. */
  readonly rule: string
  readonly severity: FindingSeverity
  /** As in `ParsedFile.path`; null when it is about no file (a setting, a missing grant). */
  readonly file: string | null
  /** From 1; null with the file. */
  readonly line: number | null
  readonly column: number | null
  /** One or two sentences: what, on which table of what size, which lock it takes, what that blocks, for how long. */
  readonly message: string
  /** What to do instead; imperative, with the SQL where it is short. */
  readonly remedy: string
}

/** A lock mode of PostgreSQL, as `pg_locks.mode` without `Lock`. */
export type LockMode =
  | 'AccessShare'
  | 'RowShare'
  | 'RowExclusive'
  | 'ShareUpdateExclusive'
  | 'Share'
  | 'ShareRowExclusive'
  | 'Exclusive'
  | 'AccessExclusive'

/**
 * What a statement does to a table while it holds its lock: nothing that grows with the table (`instant`), one read of
 * it (`scan`), writing it anew with its indexes (`rewrite`), or building an index (`index-build`).
 */
export type Work = 'instant' | 'scan' | 'rewrite' | 'index-build'
