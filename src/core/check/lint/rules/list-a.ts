import type { LintRule } from '../rule.ts'

export const LIST_A: readonly LintRule[] = []
