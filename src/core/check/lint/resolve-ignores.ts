import type { IgnoreComment } from '../sql.ts'
import { type KnownRules, nearestRule } from './choose-rules.ts'

/** An ignore comment with the rules that it means. */
export interface ResolvedIgnore {
  readonly comment: IgnoreComment
  readonly ids: ReadonlySet<string>
  readonly unknown: readonly { readonly name: string; readonly nearest: string | null }[]
  /** False without a reason where one is needed, and when it names no rule. */
  readonly effective: boolean
}

/** squawk's comment without a name ignores all of its rules. */
function idsOf(comment: IgnoreComment, known: KnownRules): ReadonlySet<string> {
  if (comment.dialect === 'squawk' && comment.rules.length === 0) return new Set([...known.values()].flat())
  return new Set(comment.rules.flatMap((name) => known.get(name) ?? []))
}

/** Rules of squawk that have no counterpart here are known by name: a comment about them is not wrong. */
const SQUAWK_ONLY = new Set(['require-timeout-settings', 'unused-ignore', 'syntax-error', 'prefer-robust-stmts'])

/** Looks up the names of ignore comments, those of squawk included. */
export function resolveIgnores(comments: readonly IgnoreComment[], known: KnownRules): readonly ResolvedIgnore[] {
  return comments.map((comment) => {
    const ids = idsOf(comment, known)
    const unknown = comment.rules
      .filter((name) => !known.has(name) && !(comment.dialect === 'squawk' && SQUAWK_ONLY.has(name)))
      .map((name) => ({ name, nearest: nearestRule(name, known) }))
    const reasoned = comment.dialect === 'squawk' || comment.reason !== null
    return { comment, ids, unknown, effective: reasoned && ids.size > 0 }
  })
}
