import { applyEdits } from '../../src/core/check/lint/fix.ts'
import type { LintRule } from '../../src/core/check/lint/rule.ts'
import { type FlaggedOptions, lintWith } from './rule-testing.ts'

/** The SQL after all fixes of one rule, in one go and whatever they lead to; the SQL itself when it offers none. */
export function fixed(rule: LintRule, sql: string, options: FlaggedOptions = {}): string {
  return applyEdits(
    sql,
    lintWith([rule], sql, options).fixes.flatMap(({ edits }) => edits),
  )
}
