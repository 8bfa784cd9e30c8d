/** Takes literals out of a statement that was really run: they are values of production. */
import { type Token, tokens } from '../../postgres/scan.ts'

/** Behind these words a string is a constant of a type, and a parameter needs a cast instead. */
const TYPE_WORDS = /^(interval|date|time|timetz|timestamp|timestamptz)$/i
/** Ends the list behind ORDER BY and GROUP BY, in which a number is a column's position. */
const ENDS_LIST = /^(limit|offset|having|window|union|intersect|except|for|fetch|returning|on|rows|range|groups)$/i

/** What stands around a token, read without white space and comments. */
class Walk {
  parameters = 0
  result = ''
  /** Depths of parentheses at which an ORDER BY or GROUP BY list is open. */
  private lists = new Set<number>()
  /** True for the parentheses that hold a type's length: `numeric(10, 2)`. */
  private readonly typed: boolean[] = []
  private depth = 0
  private before: string[] = []

  see(text: string): void {
    const [last = ''] = this.before
    if (text === '(') {
      this.typed.push(/^(as|::)$/i.test(this.before[1] ?? '') || (this.before[1] === ':' && this.before[2] === ':'))
      this.depth += 1
    } else if (text === ')') {
      this.lists.delete(this.depth)
      this.typed.pop()
      this.depth -= 1
    } else if (/^by$/i.test(text) && /^(order|group)$/i.test(last)) this.lists.add(this.depth)
    else if (ENDS_LIST.test(text)) this.lists.delete(this.depth)
    this.before = [text, ...this.before.slice(0, 3)]
  }

  get last(): string {
    return this.before[0] ?? ''
  }

  /** A number that says which column, or how long a type is: no value. */
  isStructure(next: string): boolean {
    if (this.typed.at(-1) === true) return true
    const alone =
      /^(by|,)$/i.test(this.last) &&
      /^(,|\)|asc|desc|nulls|order|limit|offset|having|window|for|fetch|union|intersect|except|)$/i.test(next)
    return this.lists.has(this.depth) && alone
  }
}

const isString = (text: string) => /^((e|b|x|n|u&)?'|\$)/i.test(text)

const NUMBER = /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y

/** The tokens, with the parts of a number such as `.5` or `1e-5` in one. */
function wholeNumbers(sql: string): readonly Token[] {
  const found: Token[] = []
  let end = 0
  for (const token of tokens(sql)) {
    if (token.start < end) continue
    NUMBER.lastIndex = token.start
    const before = sql[token.start - 1] ?? ' '
    const whole = token.kind === 'symbol' && !/[\w.\])]/.test(before) && NUMBER.test(sql)
    end = whole ? NUMBER.lastIndex : token.end
    found.push({ ...token, end })
  }
  return found
}

function nextText(list: readonly Token[], from: number, sql: string): string {
  const next = list.slice(from + 1).find(({ kind }) => kind !== 'blank')
  return next === undefined ? '' : sql.slice(next.start, next.end)
}

/**
 * The statement with `$n` for its literals; those that it has keep their numbers. Positions behind ORDER BY and GROUP BY
 * and the lengths of types stay; comments go. `interval '1 day'` becomes `$1::interval`.
 * @throws UnterminatedSql
 */
export function withoutLiterals(sql: string): string {
  const list = wholeNumbers(sql)
  const walk = new Walk()
  for (const { kind, start, end } of list)
    if (kind === 'parameter') walk.parameters = Math.max(walk.parameters, Number(sql.slice(start + 1, end)))
  list.forEach((token, at) => {
    const text = sql.slice(token.start, token.end)
    if (token.kind === 'blank') {
      // Comments may name users and requests.
      walk.result += /--|\/\*/.test(text) ? ' ' : text
      return
    }
    const literal = (token.kind === 'quoted' && isString(text)) || (token.kind === 'symbol' && /^\.?\d/.test(text))
    if (!literal || (!isString(text) && walk.isStructure(nextText(list, at, sql)))) walk.result += text
    else {
      walk.parameters += 1
      const type = TYPE_WORDS.test(walk.last) && isString(text) ? walk.last : null
      if (type !== null) walk.result = walk.result.trimEnd().slice(0, -type.length)
      walk.result += `$${walk.parameters}${type === null ? '' : `::${type}`}`
    }
    walk.see(text)
  })
  return walk.result
}
