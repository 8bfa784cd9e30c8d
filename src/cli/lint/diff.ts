/** Unified diffs of small changes, as `diff -u` prints them. */
import pc from 'picocolors'

const CONTEXT = 3

interface Changed {
  readonly path: string
  readonly before: string
  readonly after: string
}

interface Hunk {
  /** Lines from here on, from 0, in the old and the new text. */
  readonly old: number
  readonly now: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** Lines that both texts begin with, from these places on. */
const inStep = (a: readonly string[], b: readonly string[], at: { i: number; j: number }): boolean =>
  a[at.i] === b[at.j] && (a[at.i] !== undefined || b[at.j] !== undefined)

/** Lines looked ahead for the place where the texts meet again. */
const MAX_AHEAD = 400

function meet(a: readonly string[], b: readonly string[], from: { i: number; j: number }): { i: number; j: number } {
  for (let sum = 1; sum <= MAX_AHEAD; sum += 1) {
    for (let i = 0; i <= sum; i += 1) {
      const at = { i: from.i + i, j: from.j + sum - i }
      if (inStep(a, b, at)) return at
    }
  }
  return { i: a.length, j: b.length }
}

function hunksOf(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  const hunks: Hunk[] = []
  let at = { i: 0, j: 0 }
  while (at.i < a.length || at.j < b.length) {
    if (inStep(a, b, at)) {
      at = { i: at.i + 1, j: at.j + 1 }
      continue
    }
    const next = meet(a, b, at)
    hunks.push({ old: at.i, now: at.j, removed: a.slice(at.i, next.i), added: b.slice(at.j, next.j) })
    at = next
  }
  return hunks
}

/** Hunks whose context touches are printed as one. */
function groupsOf(hunks: readonly Hunk[]): readonly (readonly Hunk[])[] {
  const groups: Hunk[][] = []
  for (const hunk of hunks) {
    const last = groups.at(-1)?.at(-1)
    const near = last !== undefined && hunk.old - (last.old + last.removed.length) <= 2 * CONTEXT
    if (near) groups.at(-1)?.push(hunk)
    else groups.push([hunk])
  }
  return groups
}

function printed(group: readonly Hunk[], lines: readonly string[]): readonly string[] {
  const [first, last] = [group[0], group.at(-1)]
  if (first === undefined || last === undefined) return []
  const start = Math.max(0, first.old - CONTEXT)
  const end = Math.min(lines.length, last.old + last.removed.length + CONTEXT)
  const body: string[] = []
  let at = start
  for (const hunk of group) {
    body.push(...lines.slice(at, hunk.old).map((line) => ` ${line}`))
    body.push(...hunk.removed.map((line) => pc.red(`-${line}`)), ...hunk.added.map((line) => pc.green(`+${line}`)))
    at = hunk.old + hunk.removed.length
  }
  body.push(...lines.slice(at, end).map((line) => ` ${line}`))
  const grown = group.reduce((sum, { added, removed }) => sum + added.length - removed.length, 0)
  const now = first.now - (first.old - start)
  const head = `@@ -${start + 1},${end - start} +${now + 1},${end - start + grown} @@`
  return [pc.cyan(head), ...body]
}

const linesOf = (text: string): readonly string[] => (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')

/** All changes, file by file; empty for none. */
export function diffOf(files: readonly Changed[]): string {
  return files
    .flatMap(({ path, before, after }) => {
      const [a, b] = [linesOf(before), linesOf(after)]
      const groups = groupsOf(hunksOf(a, b))
      return [`--- a/${path}`, `+++ b/${path}`, ...groups.flatMap((group) => printed(group, a)), '']
    })
    .join('\n')
}
