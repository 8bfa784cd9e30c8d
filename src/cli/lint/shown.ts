import type { FixedFile } from '../../core/check/lint/fix.ts'
import type { LintResult } from '../../core/check/lint/lint.ts'
import type { FindingSeverity } from '../../core/check/severity.ts'
import type { ParsedFile } from '../../core/check/sql.ts'

/** What a run of lint has to tell. */
export interface Shown {
  /** As they are now. */
  readonly files: readonly ParsedFile[]
  readonly result: LintResult
  /** Files that were looked at for fixes; empty without --fix. */
  readonly fixed: readonly FixedFile[]
  /** False: the fixes were only shown. */
  readonly written: boolean
  readonly remarks: readonly string[]
}

/** Findings by severity. */
export type Counts = Readonly<Record<FindingSeverity, number>>

/** How many findings there are of each severity. */
export function countsOf({ result }: Shown): Counts {
  const count = (severity: FindingSeverity) => result.findings.filter((one) => one.severity === severity).length
  return { error: count('error'), warning: count('warning'), note: count('note') }
}
