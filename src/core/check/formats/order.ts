import type { ParsedFile } from '../sql.ts'

/** Compares `9` with `10`, `1.9` with `1.10`, `20240315141500` with `20240401090000`; words by their characters. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one = '0', other = '0'] = [left[at], right[at]]
    const numbers = /^\d+$/.test(one) && /^\d+$/.test(other)
    if (numbers) {
      const [first, second] = [BigInt(one), BigInt(other)]
      if (first !== second) return first < second ? -1 : 1
    } else if (one !== other) return one < other ? -1 : 1
  }
  return 0
}

/** Changes of a sqitch.plan in order. Pragmas, tags and comments are left out. */
export const changesOfPlan = (plan: string): readonly string[] =>
  plan
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[%@#]/.test(line))
    .map((line) => line.split(/\s+/)[0] ?? '')

/**
 * Files in the order in which their tool runs them; those that a sqitch plan does not know come last.
 * @param plan names of changes in order; empty where no file is sqitch's
 */
export function inOrder(files: readonly ParsedFile[], plan: readonly string[]): readonly ParsedFile[] {
  const planned = new Map(plan.map((name, at) => [name, at]))
  const place = ({ version }: ParsedFile) => planned.get(version) ?? plan.length
  return [...files].sort(
    (a, b) =>
      (a.format === 'sqitch' && b.format === 'sqitch' ? place(a) - place(b) : 0) ||
      compareVersions(a.version, b.version) ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  )
}
