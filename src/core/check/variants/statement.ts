/** Which part of a workload's text PostgreSQL makes a plan for. */
import { tokens, UnterminatedSql } from '../../postgres/scan.ts'
import { type SqlStatement, splitSql } from '../../postgres/split.ts'

/** The part of a text that EXPLAIN is asked about. */
export interface Plannable {
  readonly kind: 'plannable'
  readonly sql: string
  /** False: `CREATE TABLE … AS` and the like, which EXPLAIN takes and PREPARE does not. */
  readonly preparable: boolean
  readonly remarks: readonly string[]
}
/** Why there is no plan. */
export interface NotPlannable {
  readonly kind: 'not-plannable'
  readonly reason: string
}

const PREPARABLE = new Set(['select', 'insert', 'update', 'delete', 'merge', 'with', 'values', 'table'])
const TRANSACTION = new Set([
  'begin',
  'start',
  'commit',
  'end',
  'rollback',
  'abort',
  'savepoint',
  'release',
  'prepare transaction',
])
/** First words of the commands that PostgreSQL makes no plan for. */
const COMMANDS = new Set([
  ...TRANSACTION,
  ...(
    'alter analyze call checkpoint close cluster comment copy create deallocate declare discard do drop execute explain ' +
    'fetch grant import listen load lock move notify prepare reassign refresh reindex reset revoke security set show ' +
    'truncate unlisten vacuum'
  ).split(' '),
])
const AROUND = new Set([...TRANSACTION, 'set', 'reset', 'discard', 'deallocate', 'close', 'show'])
/** Other things follow these words in a statement that has a query behind them. */
const HAS_A_QUERY = /^(declare|copy|prepare|explain|create)\b/

const plannable = (sql: string, extra: Partial<Plannable> = {}): Plannable => ({
  kind: 'plannable',
  sql,
  preparable: true,
  remarks: [],
  ...extra,
})
const refused = (reason: string): NotPlannable => ({ kind: 'not-plannable', reason })

/** Where the first word outside quotes is that meets `is`, at any depth of parentheses unless `top`. */
function wordAt(sql: string, is: (word: string) => boolean): number | null {
  for (const token of tokens(sql))
    if (token.kind === 'word' && is(sql.slice(token.start, token.end).toLowerCase())) return token.start
  return null
}

function afterWord(sql: string, word: string): string | null {
  const at = wordAt(sql, (one) => one === word)
  return at === null ? null : sql.slice(at + word.length).trim()
}

/** `COPY (query) TO …`: what stands between the parentheses. */
function inParentheses(sql: string): string | null {
  let [depth, start] = [0, -1]
  for (const token of tokens(sql)) {
    const text = token.kind === 'symbol' ? sql.slice(token.start, token.end) : ''
    if (text === '(') {
      depth += 1
      if (depth === 1) start = token.end
    }
    if (text === ')') {
      depth -= 1
      if (depth === 0) return sql.slice(start, token.start).trim()
    }
  }
  return null
}

function innerQuery(statement: SqlStatement): Plannable | NotPlannable | null {
  const { sql, words } = statement
  const [first, second] = words
  if (first === 'declare') {
    const query = afterWord(sql, 'for')
    const remark = 'planned as the query of the cursor, for all its rows: cursor_tuple_fraction is not applied'
    return query === null ? null : plannable(query, { remarks: [remark] })
  }
  if (first === 'prepare' && second !== 'transaction') {
    const query = afterWord(sql, 'as')
    return query === null ? null : plannable(query, { remarks: ['planned as the query that it prepares'] })
  }
  if (first === 'explain') {
    const at = wordAt(sql, (word) => PREPARABLE.has(word))
    return at === null ? null : plannable(sql.slice(at), { remarks: ['planned as the query that it explains'] })
  }
  if (first === 'copy') {
    const query = /^copy\s*\(/i.test(sql) ? inParentheses(sql) : null
    if (query === null) return refused('COPY of a table reads or writes all of it: there is no plan to choose')
    return plannable(query, { remarks: ['planned as the query that COPY runs'] })
  }
  if (first === 'create' && words.includes('as') && words.some((word) => word === 'table' || word === 'materialized'))
    return plannable(sql, { preparable: false })
  return null
}

function ofOne(statement: SqlStatement): Plannable | NotPlannable {
  const { sql, words } = statement
  const first = words[0] ?? ''
  if (PREPARABLE.has(first)) return plannable(sql, { preparable: !isSelectInto(words) })
  const inner = HAS_A_QUERY.test(first) ? innerQuery(statement) : null
  if (inner !== null) return inner
  // No command that PostgreSQL has: let it say so itself.
  if (first !== '' && !COMMANDS.has(first)) return plannable(sql)
  const name = first.toUpperCase()
  if (TRANSACTION.has(first)) return refused(`${name} controls the transaction: there is nothing to plan`)
  if (first === 'call' || first === 'do')
    return refused(`${name} runs code: its statements are planned only when it runs. List them by themselves`)
  if (first === '') return refused('there is no statement in it')
  return refused(`${name} is a utility statement: PostgreSQL makes no plan for it`)
}

function isSelectInto(words: readonly string[]): boolean {
  const into = words.indexOf('into')
  const from = words.indexOf('from')
  return words[0] === 'select' && into !== -1 && (from === -1 || into < from)
}

/** Cuts a workload's text to what can be planned; several statements only when one of them is a query. */
export function plannablePart(text: string): Plannable | NotPlannable {
  let statements: readonly SqlStatement[]
  try {
    statements = splitSql(text)
  } catch (error) {
    if (!(error instanceof UnterminatedSql)) throw error
    return refused(`${error.message}: the text is cut off or broken`)
  }
  const [only, ...others] = statements
  if (only === undefined) return refused('there is no statement in it, only comments')
  if (others.length === 0) return ofOne(only)
  const queries = statements.filter(({ words }) => !AROUND.has(words[0] ?? ''))
  const [query, ...more] = queries
  if (query === undefined) return ofOne(only)
  if (more.length > 0)
    return refused(`it holds ${statements.length} statements: list them by themselves, so that each has its plan`)
  const found = ofOne(query)
  if (found.kind === 'not-plannable') return found
  const remark = `one of ${statements.length} statements of the text was planned: the others set or end something`
  return { ...found, remarks: [...found.remarks, remark] }
}
