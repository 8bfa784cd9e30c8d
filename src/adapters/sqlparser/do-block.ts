/**
 * Finds the SQL in the body of a DO statement. plpgsql is read as far as needed to know where its statements begin and
 * end: whether a branch is taken, nobody knows before it runs, so all of them count.
 */
import type { DoStmt } from 'libpg-query'
import { type Token, tokens, UnterminatedSql } from '../../core/postgres/scan.ts'
import { lineAt } from '../../core/postgres/split.ts'
import { executed } from './execute.ts'

/** SQL found in a body. */
export interface Inner {
  readonly sql: string
  /** In the file's text. */
  readonly offset: number
  readonly line: number
  /** What to give to the parser: as long as `sql`, without what only plpgsql knows. */
  readonly parseAs: string
}

/** What was found in the body of a DO block, and what could not be seen there. */
export interface DoBody {
  readonly statements: readonly Inner[]
  readonly remarks: readonly { readonly line: number; readonly message: string }[]
}

interface Place {
  readonly sql: string
  readonly offset: number
  readonly line: number
}

/** A body as it is written, with where it begins in the DO statement. */
interface Written {
  readonly text: string
  readonly at: number
}

const SQL_WORDS = new Set(
  'alter analyze call checkpoint cluster comment copy create delete do drop grant import insert lock merge refresh reindex reset revoke security select set truncate update vacuum with'.split(
    ' ',
  ),
)

/** The body between its quotes; null when escapes in it move everything. */
function bodyOf(sql: string): Written | null {
  for (const token of tokens(sql)) {
    if (token.kind !== 'quoted') continue
    const piece = sql.slice(token.start, token.end)
    const dollar = /^\$\w*\$/.exec(piece)?.[0]
    if (dollar !== undefined) {
      return { text: piece.slice(dollar.length, -dollar.length), at: token.start + dollar.length }
    }
    const plain = piece.startsWith("'") && !piece.slice(1, -1).includes("'")
    if (plain) return { text: piece.slice(1, -1), at: token.start + 1 }
    if (!piece.startsWith('"')) return null
  }
  return null
}

/** Words with their place; blanks left out. */
interface Item extends Token {
  readonly word: string
}

function itemsOf(text: string): Item[] {
  const items: Item[] = []
  for (const token of tokens(text)) {
    if (token.kind === 'blank') continue
    const piece = text.slice(token.start, token.end)
    items.push({ ...token, word: token.kind === 'word' ? piece.toLowerCase() : token.kind === 'symbol' ? piece : '' })
  }
  return items
}

/** Pieces between the semicolons that stand outside of parentheses. */
function piecesOf(items: readonly Item[]): Item[][] {
  const pieces: Item[][] = [[]]
  let depth = 0
  for (const item of items) {
    if (item.word === '(') depth += 1
    if (item.word === ')' && depth > 0) depth -= 1
    if (item.word === ';' && depth === 0) pieces.push([])
    else pieces.at(-1)?.push(item)
  }
  return pieces.filter((piece) => piece.length > 0)
}

/** Index behind the word that ends the head of a control statement, such as THEN; CASE … END within it does not count. */
function behind(items: readonly Item[], end: string): number {
  let [depth, cases] = [0, 0]
  for (const [index, { word }] of items.entries()) {
    if (index === 0) continue
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
    if (word === 'case') cases += 1
    if (word === 'end' && cases > 0) cases -= 1
    if (word === end && depth <= 0 && cases === 0) return index + 1
  }
  return items.length
}

/** How many items of control flow stand before the statement; all of them when there is none. */
function controlItems(items: readonly Item[]): number {
  const [first, second] = [items[0]?.word, items[1]?.word]
  if (first === 'begin' || first === 'else' || first === 'loop' || first === 'exception') return 1
  if (first === 'if' || first === 'elsif' || first === 'elseif' || first === 'when') return behind(items, 'then')
  if (first === 'case') return behind(items, 'when') - 1
  if (first === 'while' || first === 'for' || first === 'foreach') return behind(items, 'loop')
  if (first === '<' && second === '<') return items.findIndex(({ word }) => word === '>') + 2
  // DECLARE's first declaration; the others are no SQL by their first word.
  if (first === 'declare') return items.length
  return 0
}

function withoutControl(items: readonly Item[]): readonly Item[] {
  let rest = items
  for (;;) {
    const count = controlItems(rest)
    if (count <= 0 || rest.length === 0) return rest
    rest = rest.slice(count)
  }
}

const blanks = (text: string, from: number, to: number): string =>
  `${text.slice(0, from)}${text.slice(from, to).replace(/[^\n\r]/g, ' ')}${text.slice(to)}`

/** `INTO [STRICT] a, b` sets variables in plpgsql; in SQL, SELECT … INTO would make a table. INSERT INTO is another thing. */
function withoutInto(sql: string): string {
  const items = itemsOf(sql)
  const first = items[0]?.word
  const from = items.findIndex(
    ({ word }, index) => word === 'into' && !['insert', 'merge'].includes(items[index - 1]?.word ?? ''),
  )
  const start = items[from]
  if (start === undefined || first === 'create' || first === 'import') return sql
  let last = from + (items[from + 1]?.word === 'strict' ? 2 : 1)
  while ([',', '.'].includes(items[last + 1]?.word ?? '')) last += 2
  const end = items[last]
  return end === undefined ? sql : blanks(sql, start.start, end.end)
}

class Body {
  private readonly written: Written
  private readonly place: Place
  private readonly statements: Inner[] = []
  private readonly remarks: { line: number; message: string }[] = []

  constructor(written: Written, place: Place) {
    this.written = written
    this.place = place
  }

  read(): DoBody {
    for (const piece of piecesOf(itemsOf(this.written.text))) this.piece(withoutControl(piece))
    return { statements: this.statements, remarks: this.remarks }
  }

  private lineOf(at: number): number {
    return this.place.line + lineAt(this.place.sql, this.written.at + at) - 1
  }

  private piece(items: readonly Item[]): void {
    const [first, last] = [items[0], items.at(-1)]
    if (first === undefined || last === undefined) return
    const sql = this.written.text.slice(first.start, last.end)
    if (first.word === 'execute') {
      this.execute(sql, first.start)
      return
    }
    // As long as PERFORM, and the same to PostgreSQL.
    const parseAs = first.word === 'perform' ? `SELECT ${sql.slice('perform'.length)}` : sql
    if (first.word !== 'perform' && !SQL_WORDS.has(first.word)) return
    this.add({ sql, parseAs: withoutInto(parseAs) }, first.start)
  }

  private add(found: { sql: string; parseAs: string }, at: number): void {
    this.statements.push({ ...found, offset: this.place.offset + this.written.at + at, line: this.lineOf(at) })
  }

  private execute(sql: string, at: number): void {
    const found = executed(sql)
    if (found === null) {
      const message = 'EXECUTE runs SQL that is put together while it runs: it is not known here, and not checked.'
      this.remarks.push({ line: this.lineOf(at), message })
      return
    }
    for (const inner of found) this.add({ sql: inner.sql, parseAs: inner.sql }, at + inner.at)
  }
}

/**
 * The statements within a DO block in plpgsql, in the order in which they are written, and what could not be seen.
 * @param place the DO statement itself
 */
export function statementsOfDo(node: DoStmt, place: Place): DoBody {
  const language = node.args?.flatMap((arg) => ('DefElem' in arg && arg.DefElem.defname === 'language' ? [arg] : []))[0]
  const name = language?.DefElem.arg
  const isPlpgsql = name === undefined || ('String' in name && name.String.sval?.toLowerCase() === 'plpgsql')
  const unseen = (what: string): DoBody => ({ statements: [], remarks: [{ line: place.line, message: what }] })
  if (!isPlpgsql) return unseen('The DO block is in another language than plpgsql: it is not looked into.')
  const written = bodyOf(place.sql)
  if (written === null) return unseen('The body of the DO block has escaped quotes: write it in $$ to have it checked.')
  try {
    return new Body(written, place).read()
  } catch (error) {
    if (error instanceof UnterminatedSql) return unseen(`The DO block is not looked into: in it, ${error.message}.`)
    throw error
  }
}
