import type { LintRule } from './rule.ts'
import { LIST_A } from './rules/list-a.ts'
import { LIST_B } from './rules/list-b.ts'

/** All rules that look at statements. Those of the engine itself, such as `syntax-error`, are in `engine-rules.ts`. */
export const RULES: readonly LintRule[] = [...LIST_A, ...LIST_B]
