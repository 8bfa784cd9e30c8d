import type { LintRule } from '../rule.ts'

export const LIST_B: readonly LintRule[] = []
