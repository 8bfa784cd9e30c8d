/** Whether a canary is worse than its baselines by so much that it must be the cause. */

export interface Compared {
  /** The canary's figure. */
  readonly canary: number
  /** The other release beside it, at the same time. Null when it has no traffic. */
  readonly beside: number | null
  /** The other release before this one came. Null when it was not seen. */
  readonly before: number | null
}

/** What a comparison comes to. */
export type Finding = 'fine' | 'bad' | 'everything-bad'

/**
 * Bad: at least `floor`, and `factor` times the release beside it; or `factor` times what was before, while still
 * `besideFactor` times the one beside it, which a shared database may have dragged along.
 * Everything bad: `factor` times what was before, and so, nearly, is the one beside it: no reason to blame the canary.
 * Without anything to compare with it is fine: a figure alone proves nothing about a release.
 */
export function compare(
  of: Compared,
  limits: { readonly floor: number; readonly factor: number; readonly besideFactor: number },
): Finding {
  const { canary, beside, before } = of
  if (canary < limits.floor) return 'fine'
  const worseThanBefore = before !== null && canary >= limits.factor * before
  if (beside === null) return worseThanBefore ? 'bad' : 'fine'
  if (canary >= limits.factor * beside) return 'bad'
  if (!worseThanBefore) return 'fine'
  return canary >= limits.besideFactor * beside ? 'bad' : 'everything-bad'
}
