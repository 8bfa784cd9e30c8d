/** Applies fixes: each must leave SQL that parses, clear its finding, and raise no other. */
import type { Finding, TextEdit } from '../finding.ts'
import type { ParsedFile } from '../sql.ts'
import type { FindingFix, LintResult } from './lint.ts'

/** Fixes may make room for others; after so many rounds the rest is left. */
export const MAX_FIX_ROUNDS = 10

/** A fix that was tried, or could not be, and is left out. */
export interface RefusedFix {
  readonly finding: Finding
  readonly why: string
}

/** What became of a file. */
export interface FixedFile {
  readonly path: string
  /** As it was, and as it would be. */
  readonly before: string
  readonly after: string
  readonly applied: readonly Finding[]
  readonly refused: readonly RefusedFix[]
}

/** A file, and how it is read and linted again after each change. */
export interface FixRequest {
  readonly file: ParsedFile
  /** Reads a text as the same file. */
  readonly parse: (text: string) => ParsedFile
  /** Lints the file alone, with what is known before it. */
  readonly lint: (file: ParsedFile) => LintResult
}

const startOf = ({ edits }: FindingFix): number => Math.min(...edits.map(({ from }) => from))
const endOf = ({ edits }: FindingFix): number => Math.max(...edits.map(({ to }) => to))

const isWithin = ({ edits }: FindingFix, text: string): boolean =>
  edits.length > 0 && edits.every(({ from, to }) => from >= 0 && from <= to && to <= text.length)

/** The text with edits made; they must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let [out, at] = ['', 0]
  for (const { from, to, insert } of [...edits].sort((a, b) => a.from - b.from || a.to - b.to)) {
    out += text.slice(at, from) + insert
    at = to
  }
  return out + text.slice(at)
}

/** Edits of one fix may not overlap; two insertions at one place are told apart by their order. */
function overlaps(edits: readonly TextEdit[]): boolean {
  const sorted = [...edits].sort((a, b) => a.from - b.from)
  return sorted.some(({ from }, at) => at > 0 && from < (sorted[at - 1]?.to ?? 0))
}

/** As many as fit beside one another, first come first; the others wait for the next round. */
function apart(fixes: readonly FindingFix[]): readonly FindingFix[] {
  const chosen: FindingFix[] = []
  for (const fix of [...fixes].sort((a, b) => startOf(a) - startOf(b))) {
    const last = chosen.at(-1)
    if (last === undefined || startOf(fix) > endOf(last)) chosen.push(fix)
  }
  return chosen
}

const countsOf = (findings: readonly Finding[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  return counts
}

/** Null when the new text is better by exactly these fixes; else what is wrong with it. */
function objection(before: readonly Finding[], after: readonly Finding[], fixed: readonly FindingFix[]): string | null {
  const [old, now] = [countsOf(before), countsOf(after)]
  if ((now.get('syntax-error') ?? 0) > (old.get('syntax-error') ?? 0)) return 'the result would not parse'
  const cleared = countsOf(fixed.map(({ finding }) => finding))
  for (const [rule, count] of now) {
    const allowed = (old.get(rule) ?? 0) - (cleared.get(rule) ?? 0)
    if (count > Math.max(0, allowed))
      return cleared.has(rule) ? 'the finding would still be there' : `it would raise ${rule}`
  }
  return null
}

const keyOf = ({ finding, edits }: FindingFix): string =>
  JSON.stringify([finding.rule, finding.message, edits.map(({ insert }) => insert)])

class Fixing {
  private readonly request: FixRequest
  private file: ParsedFile
  private result: LintResult
  private readonly applied: Finding[] = []
  /** By what they would do: an offset changes from round to round. */
  private readonly refused = new Map<string, RefusedFix>()

  constructor(request: FixRequest) {
    this.request = request
    this.file = request.file
    this.result = request.lint(request.file)
  }

  run(): FixedFile {
    for (let round = 0; round < MAX_FIX_ROUNDS && this.round(); round += 1);
    const { path, text: before } = this.request.file
    return { path, before, after: this.file.text, applied: this.applied, refused: [...this.refused.values()] }
  }

  /** True when something was fixed, so that another round may find more. */
  private round(): boolean {
    const open = this.result.fixes.filter((fix) => !this.refused.has(keyOf(fix)))
    for (const fix of open) {
      if (!isWithin(fix, this.file.text) || overlaps(fix.edits)) this.refuse(fix, 'its edits do not fit the text')
    }
    const fixes = apart(open.filter((fix) => !this.refused.has(keyOf(fix))))
    if (fixes.length === 0) return false
    if (this.attempt(fixes) === null) return true
    // One of them spoils it: the first that stands alone begins the next round.
    for (const fix of fixes) {
      const why = this.attempt([fix])
      if (why === null) return true
      this.refuse(fix, why)
    }
    return false
  }

  private refuse(fix: FindingFix, why: string): void {
    this.refused.set(keyOf(fix), { finding: fix.finding, why })
  }

  private attempt(fixes: readonly FindingFix[]): string | null {
    const edits = fixes.flatMap((fix) => fix.edits)
    const file = this.request.parse(applyEdits(this.file.text, edits))
    const result = this.request.lint(file)
    const wrong = objection(this.result.findings, result.findings, fixes)
    if (wrong !== null) return wrong
    this.file = file
    this.result = result
    this.applied.push(...fixes.map(({ finding }) => finding))
    return null
  }
}

/** Fixes one file as far as it can be fixed by itself. */
export const fixFile = (request: FixRequest): FixedFile => new Fixing(request).run()
