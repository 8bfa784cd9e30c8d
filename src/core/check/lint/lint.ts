import type { Finding, TextEdit } from '../finding.ts'
import type { FindingSeverity } from '../severity.ts'
import type { Snapshot } from '../snapshot.ts'
import type { ParsedFile, ParsedStatement, SqlParser } from '../sql.ts'
import { type ChosenRules, chooseRules } from './choose-rules.ts'
import type { LintConfig } from './config.ts'
import { ENGINE_RULES, type EngineRule } from './engine-rules.ts'
import { covers, targetOf } from './ignores.ts'
import { Knowledge } from './knowledge/knowledge.ts'
import { tell } from './message.ts'
import { type ResolvedIgnore, resolveIgnores } from './resolve-ignores.ts'
import type { LintHit, LintRule, StatementContext } from './rule.ts'
import { RULES } from './rules.ts'

/** What to lint, and what is known. */
export interface LintRequest {
  /** In the order in which they will run. */
  readonly files: readonly ParsedFile[]
  /** Pending before them: known, and not reported. */
  readonly earlier?: readonly ParsedFile[]
  /** Of the same change, to run after them: known, and not reported. */
  readonly later?: readonly ParsedFile[]
  readonly snapshot: Snapshot | null
  /** Reads the snapshot's schema; without it only names, sizes and workload of a snapshot are known. */
  readonly parser?: SqlParser
  /** Default: all. */
  readonly rules?: readonly LintRule[]
  readonly config?: LintConfig
  /**
   * `together` (default): the files go out as one change, so what one makes is new in the next. `apart`: each is a
   * change of its own, and what those before it made is there and in use.
   */
  readonly rollout?: 'together' | 'apart'
}

/** What would clear one finding. */
export interface FindingFix {
  readonly finding: Finding
  /** Of the statement that the finding is about, in the file's text. */
  readonly offset: number
  /** In the file's text. */
  readonly edits: readonly TextEdit[]
}

/** What was found, and what would clear it. */
export interface LintResult {
  /** By file, in the order given, then by place. */
  readonly findings: readonly Finding[]
  readonly fixes: readonly FindingFix[]
}

interface Place {
  readonly line: number
  readonly column: number
}

/** Line and column of an offset; both from 1. */
export function placeAt(text: string, offset: number): Place {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < start; at = text.indexOf('\n', at + 1)) line += 1
  return { line, column: offset - start + 1 }
}

/** What a file is linted with. */
interface Around {
  readonly knowledge: Knowledge
  readonly chosen: ChosenRules
  /** Files of the same change that run after it. */
  readonly later: () => readonly ParsedFile[]
}

/** Lints one file; the knowledge goes on to the next. */
class FileLint {
  private readonly file: ParsedFile
  private readonly knowledge: Knowledge
  private readonly chosen: ChosenRules
  private readonly later: Around['later']
  private readonly ignores: readonly ResolvedIgnore[]
  private readonly used = new Set<ResolvedIgnore>()
  private readonly fixes: FindingFix[] = []
  private readonly findings: Finding[] = []

  constructor(file: ParsedFile, { knowledge, chosen, later }: Around) {
    this.file = file
    this.knowledge = knowledge
    this.chosen = chosen
    this.later = later
    this.ignores = resolveIgnores(file.ignores, chosen.known)
  }

  run(): LintResult {
    this.knowledge.begin(this.file, this.later)
    for (const [at, statement] of this.file.statements.entries()) {
      this.statement(statement, this.knowledge.contextOf(this.file, at), at === 0)
      this.knowledge.take(statement)
    }
    this.remarks()
    this.comments()
    const order = (a: Finding, b: Finding) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
    return { findings: this.findings.sort(order), fixes: this.fixes }
  }

  private statement(statement: ParsedStatement, context: StatementContext | null, first: boolean): void {
    if (statement.problem !== null) this.syntaxError(statement.problem)
    if (context === null) return
    for (const rule of this.chosen.run) {
      const hits = statement.node === null ? [] : (rule.statement?.(context) ?? [])
      const ofFile = first ? (rule.file?.(context) ?? []) : []
      for (const hit of hits) this.hit(rule, hit, { context, wholeFile: false })
      for (const hit of ofFile) this.hit(rule, hit, { context, wholeFile: true })
    }
  }

  private hit(rule: LintRule, hit: LintHit, of: { context: StatementContext; wholeFile: boolean }): void {
    const { statement } = of.context
    const told = tell(hit, of.context, hit.level ?? rule.level)
    const ignore = this.ignores.find((one) => this.isIgnored(one, rule, statement))
    if (ignore !== undefined) {
      this.used.add(ignore)
      return
    }
    const offset = Math.min(statement.offset + Math.max(0, hit.location ?? 0), this.file.text.length)
    const severity = this.chosen.fixed.get(rule.id) ?? told.level
    const finding = this.add(rule.id, severity, { offset, message: told.message, remedy: hit.remedy })
    // Within a string of EXECUTE the text is not the one that the edit is for.
    const written = this.file.text.startsWith(statement.sql, statement.offset)
    if (hit.fix === undefined || !written) return
    const edits = hit.fix.map(({ from, to, insert }) => ({
      from: statement.offset + from,
      to: statement.offset + to,
      insert,
    }))
    this.fixes.push({ finding, offset: statement.offset, edits })
  }

  private isIgnored(ignore: ResolvedIgnore, rule: LintRule, statement: ParsedStatement): boolean {
    if (!ignore.effective || !ignore.ids.has(rule.id)) return false
    if (ignore.comment.scope === 'file') return true
    const target = targetOf(ignore.comment, this.file.statements)
    return target !== null && covers(target, statement)
  }

  private add(
    rule: string,
    severity: FindingSeverity,
    of: { readonly offset: number; readonly message: string; readonly remedy: string },
  ): Finding {
    const place = placeAt(this.file.text, of.offset)
    const finding = { rule, severity, file: this.file.path, ...place, message: of.message, remedy: of.remedy }
    this.findings.push(finding)
    return finding
  }

  private engine(rule: EngineRule, of: { offset: number; message: string; remedy: string; level?: FindingSeverity }) {
    if (this.chosen.off.has(rule.id)) return
    this.add(rule.id, this.chosen.fixed.get(rule.id) ?? of.level ?? rule.level, of)
  }

  private syntaxError({ message, offset }: { message: string; offset: number }): void {
    const told = `PostgreSQL cannot read this: ${message}.`
    const remedy = 'Correct the statement; nothing else is checked in it.'
    this.engine(ENGINE_RULES.syntaxError, { offset, message: told, remedy })
  }

  private offsetOfLine(line: number): number {
    let at = 0
    for (let count = 1; count < line; count += 1) at = this.file.text.indexOf('\n', at) + 1
    return at
  }

  private remarks(): void {
    for (const { line, message, severity } of this.file.remarks) {
      const remedy = 'Check this part by hand, or write it as plain SQL.'
      this.engine(ENGINE_RULES.notChecked, { offset: this.offsetOfLine(line), message, remedy, level: severity })
    }
  }

  private comments(): void {
    for (const ignore of this.ignores) {
      const { comment, unknown, ids, effective } = ignore
      const offset = this.offsetOfLine(comment.line)
      if (comment.dialect === 'premortem' && comment.reason === null) {
        const message = `The comment ignores ${comment.rules.join(', ') || 'nothing'} without a reason, so it ignores nothing.`
        const remedy = `Write why: -- premortem-ignore ${comment.rules.join(', ') || '<rule>'}: <reason>`
        this.engine(ENGINE_RULES.ignoreWithoutReason, { offset, message, remedy })
      }
      for (const { name, nearest } of unknown) {
        const message = `There is no rule ${name}${nearest === null ? '' : `; did you mean ${nearest}?`}`
        const remedy = 'Use a name of `premortem lint --list-rules`, or take the comment out.'
        this.engine(ENGINE_RULES.unknownRule, {
          offset,
          message: `${message.replace(/\?$/, '')}${message.endsWith('?') ? '?' : '.'}`,
          remedy,
        })
      }
      const running = [...ids].some((id) => this.chosen.run.some((rule) => rule.id === id))
      if (!effective || !running || this.used.has(ignore)) continue
      const message = `Nothing of ${comment.rules.join(', ') || 'any rule'} is found here, so the comment ignores nothing.`
      this.engine(ENGINE_RULES.unusedIgnore, { offset, message, remedy: 'Take the comment out.' })
    }
  }
}

/**
 * Looks at migrations, in order, with what is known of production and of the statements before each.
 */
export function lint(request: LintRequest): LintResult {
  const { files, earlier = [], later = [], snapshot, parser, rules = RULES, config = {} } = request
  const isApart = request.rollout === 'apart'
  const chosen = chooseRules(rules, config)
  const { serverVersion } = config
  const knowledge = new Knowledge({ snapshot, parser, serverVersion, files: [...earlier, ...files] })
  for (const file of earlier) {
    knowledge.begin(file)
    for (const statement of file.statements) knowledge.take(statement)
  }
  const results = files.map((file, at) => {
    if (isApart) knowledge.settle()
    const behind = () => (isApart ? [] : [...files.slice(at + 1), ...later])
    return new FileLint(file, { knowledge, chosen, later: behind }).run()
  })
  return { findings: results.flatMap((one) => one.findings), fixes: results.flatMap((one) => one.fixes) }
}
