import { setFlagsFromString } from 'node:v8'
import type { Node } from 'libpg-query'
import { hasSqlDetails, loadModule, parseSync } from 'libpg-query'
import type { ParsedFile, ParsedStatement, SqlParser, SyntaxProblem } from '../../core/check/sql.ts'
import { UnterminatedSql } from '../../core/postgres/scan.ts'
import { lineAt, type SqlStatement, splitSql } from '../../core/postgres/split.ts'
import { statementsOfDo } from './do-block.ts'
import { sqlOnly } from './foreign.ts'
import { fillVariables } from './placeholders.ts'
import { ofCharacter, toUtf16 } from './positions.ts'

type Remark = ParsedFile['remarks'][number]

/** Longer statements are data: a tree of them would take gigabytes, and no rule looks that far. UTF-16 units. */
export const MAX_STATEMENT_CHARACTERS = 1_000_000
/** DO blocks within DO blocks that are looked into. */
const MAX_DO_DEPTH = 5

type Tree = { readonly node: Node } | { readonly message: string; readonly at: number }

function treeOf(sql: string): Tree {
  try {
    const tree = parseSync(sql)
    const node = tree.stmts?.[0]?.stmt
    if (node === undefined) return { message: 'there is no statement here', at: 0 }
    toUtf16(node, sql)
    return { node }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const characters = hasSqlDetails(error) ? error.sqlDetails?.cursorPosition : undefined
    return { message: error.message, at: characters === undefined ? 0 : ofCharacter(sql, characters) }
  }
}

/** One statement, and whether its variables had to be filled in to read it. */
function parseOne(sql: string): { readonly tree: Tree; readonly variables: readonly string[] } {
  const tree = treeOf(sql)
  if ('node' in tree) return { tree, variables: [] }
  const filled = fillVariables(sql)
  const second = filled === null ? tree : treeOf(filled.sql)
  return 'node' in second ? { tree: second, variables: filled?.variables ?? [] } : { tree, variables: [] }
}

/** Kinds of variables: psql's `:name`, and `${name}`. */
type VariableKind = 'psql' | 'braces'
const kindOf = (variable: string): VariableKind => (variable.startsWith(':') ? 'psql' : 'braces')
/** Names of variables that a remark lists. */
const MAX_NAMES = 3

/** Variables of one kind in a file. */
interface Variables {
  /** Of the first statement that has one. */
  readonly line: number
  readonly names: Set<string>
  statements: number
}

/** One for a kind, however many statements are templates: they are read alike. */
function variablesRemark({ line, names, statements }: Variables): Remark {
  const shown = [...names].slice(0, MAX_NAMES)
  const more = names.size - shown.length
  const all = `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`
  const one = names.size === 1
  const what = one ? 'stands for something that is' : 'stand for things that are'
  const where = statements === 1 ? '' : `; ${statements} statements of the file have ${one ? 'it' : 'one of them'}`
  const message = `${all} ${what} filled in later, and ${one ? 'is' : 'are'} not known here${where}.`
  return { line, message, severity: 'note' }
}

class Reading {
  readonly statements: ParsedStatement[] = []
  readonly remarks: Remark[] = []
  private readonly variables = new Map<VariableKind, Variables>()

  take(statement: SqlStatement): void {
    const { sql, offset, line } = statement
    const place = { sql, offset, line, origin: 'file' } as const
    if (sql.length > MAX_STATEMENT_CHARACTERS) {
      const words = statement.words.slice(0, 2).join(' ').toUpperCase()
      const size = `${(sql.length / 1e6).toFixed(1)} million characters`
      this.remark(line, `The statement ${words} has ${size}: it is too long to be looked into.`)
      this.statements.push({ ...place, node: null, problem: null })
      return
    }
    const { tree, variables } = parseOne(sql)
    this.note(variables, line)
    if ('node' in tree) {
      this.statements.push({ ...place, node: tree.node, problem: null })
      this.lookInto(tree.node, { sql, offset, line }, 1)
      return
    }
    this.broken(place, { message: tree.message, offset: offset + tree.at })
  }

  broken(place: Omit<ParsedStatement, 'node' | 'problem'>, problem: SyntaxProblem): void {
    this.statements.push({ ...place, node: null, problem })
  }

  /** All remarks, those on variables included, by line. */
  finish(): readonly Remark[] {
    return [...this.remarks, ...[...this.variables.values()].map(variablesRemark)].sort((a, b) => a.line - b.line)
  }

  private note(variables: readonly string[], line: number): void {
    for (const kind of new Set(variables.map(kindOf))) {
      const known = this.variables.get(kind) ?? { line, names: new Set(), statements: 0 }
      known.statements += 1
      for (const name of variables) if (kindOf(name) === kind) known.names.add(name)
      this.variables.set(kind, known)
    }
  }

  private remark(line: number, message: string): void {
    this.remarks.push({ line, message, severity: 'note' })
  }

  /** The statements of a DO block's body. What cannot be read there is no error: plpgsql is another language. */
  private lookInto(node: Node, place: { sql: string; offset: number; line: number }, depth: number): void {
    if (!('DoStmt' in node) || depth > MAX_DO_DEPTH) return
    const body = statementsOfDo(node.DoStmt, place)
    for (const { line, message } of body.remarks) this.remark(line, message)
    for (const { sql, offset, line, parseAs } of body.statements) {
      const { tree } = parseOne(parseAs)
      if (!('node' in tree)) continue
      this.statements.push({ sql, offset, line, node: tree.node, problem: null, origin: 'do-block' })
      this.lookInto(tree.node, { sql, offset, line }, depth + 1)
    }
  }
}

/** All statements up to a quote or comment that never ends; the last one holds the rest. */
function readUnterminated(text: string, error: UnterminatedSql, reading: Reading): void {
  const before = text.slice(0, error.at)
  const complete = [...splitSql(before)]
  const last = complete.at(-1)
  const open = last !== undefined && !before.slice(last.offset + last.sql.length).includes(';') ? last : null
  if (open !== null) complete.pop()
  for (const statement of complete) reading.take(statement)
  const offset = open?.offset ?? error.at
  reading.broken(
    { sql: text.slice(offset).trimEnd(), offset, line: lineAt(text, offset), origin: 'file' },
    { message: error.message, offset: error.at },
  )
}

function parse(text: string): ReturnType<SqlParser['parse']> {
  const reading = new Reading()
  const clean = sqlOnly(text)
  reading.remarks.push(...clean.remarks)
  try {
    for (const statement of splitSql(clean.text)) reading.take(statement)
  } catch (error) {
    if (!(error instanceof UnterminatedSql)) throw error
    readUnterminated(clean.text, error, reading)
  }
  return { statements: reading.statements, remarks: reading.finish() }
}

let loaded: Promise<SqlParser> | undefined

/**
 * PostgreSQL's grammar is one function so large that V8's optimising compiler works on it for half a second, and no process
 * can end meanwhile. Unoptimised it reads hundreds of files in the same time. Must come before the module is compiled.
 */
function keepUnoptimised(): void {
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
}

async function load(): Promise<SqlParser> {
  keepUnoptimised()
  await loadModule()
  return { parse }
}

/** PostgreSQL 18's own parser, compiled to WebAssembly; loaded once a process. */
export function loadSqlParser(): Promise<SqlParser> {
  loaded ??= load()
  return loaded
}
