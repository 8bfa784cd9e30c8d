/** Which tables the names in a statement or in a plan stand for. */
import type { PlanNode } from '../../postgres/plan-node.ts'
import { type Token, tokensOf } from '../../postgres/tokens.ts'
import type { TableColumn, TableLookup } from './statistics.ts'
import { type Resolve, type Target, targetsIn } from './targets.ts'

interface NamedTable {
  readonly schema: string
  readonly table: string
}

const BEFORE_TABLES = new Set(['from', 'join', 'update', 'into', 'using', 'only'])
const NOT_AN_ALIAS = new Set(
  'where on using set join left right inner outer full cross natural group order limit offset having union except intersect values select default returning for window fetch when as only lateral tablesample with and or'.split(
    ' ',
  ),
)

const isName = (token: Token | undefined): token is Token => token?.kind === 'word' || token?.kind === 'quoted'
const nameOf = (token: Token): string =>
  token.kind === 'quoted' ? token.text.replace(/^(u&)?"|"$/gi, '').replaceAll('""', '"') : token.text

/** Tables by alias and by name; null for an alias that stands for different tables in different places. */
function tablesIn(tokens: readonly Token[], statistics: TableLookup): ReadonlyMap<string, NamedTable | null> {
  const found = new Map<string, NamedTable | null>()
  const take = (start: number): number => {
    const [first, dot, second] = [tokens[start], tokens[start + 1], tokens[start + 2]]
    if (!isName(first)) return start
    const qualified = dot?.text === '.' && isName(second)
    const relation = qualified ? statistics.table(nameOf(second), nameOf(first)) : statistics.table(nameOf(first), null)
    let next = start + (qualified ? 3 : 1)
    if (tokens[next]?.text === '*') next += 1
    if (tokens[next]?.text === 'as') next += 1
    const alias = tokens[next]
    const named = isName(alias) && !(alias.kind === 'word' && NOT_AN_ALIAS.has(alias.text))
    if (relation !== null) {
      const table = { schema: relation.schema, table: relation.name }
      const name = named ? nameOf(alias) : relation.name
      const other = found.get(name)
      const same = other === undefined || (other?.table === table.table && other.schema === table.schema)
      found.set(name, same ? table : null)
    }
    return named ? next + 1 : next
  }
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word' || !BEFORE_TABLES.has(token.text)) continue
    let next = take(at + 1)
    while (tokens[next]?.text === ',') next = take(next + 1)
  }
  return found
}

const resolver =
  (tables: ReadonlyMap<string, NamedTable | null>, statistics: TableLookup, own: NamedTable | null = null): Resolve =>
  (column, qualifier) => {
    if (qualifier !== null) {
      const table = tables.get(qualifier)
      return table === undefined || table === null ? null : { ...table, column }
    }
    if (own !== null) return { ...own, column }
    const distinct = new Map(
      [...tables.values()].flatMap((one) => (one === null ? [] : [[`${one.schema}.${one.table}`, one]])),
    )
    const having = [...distinct.values()].filter((table) => statistics.column({ ...table, column }) !== null)
    const [only] = having
    if (having.length === 1 && only !== undefined) return { ...only, column }
    const [single] = distinct.values()
    return distinct.size === 1 && single !== undefined ? { ...single, column } : null
  }

/** Where the statement ends to assign and begins to compare: `SET …` up to WHERE, FROM or RETURNING. */
function assignments(tokens: readonly Token[]): ReadonlySet<number> {
  const assigned = new Set<number>()
  let [assigning, depth] = [false, 0]
  for (const token of tokens) {
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (token.kind === 'word' && token.text === 'set') [assigning, depth] = [true, 0]
    if (token.kind === 'word' && depth <= 0 && /^(where|from|returning|when)$/.test(token.text)) assigning = false
    if (assigning && token.kind === 'parameter') assigned.add(Number(token.text.slice(1)))
  }
  return assigned
}

/** `INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)`, or `… SELECT $1, b …`. Values within expressions are left out. */
function insertions(tokens: readonly Token[], statistics: TableLookup): readonly Target[] {
  const into = tokens.findIndex((token) => token.kind === 'word' && token.text === 'into')
  const values = tokens.findIndex(
    (token, at) => at > into && token.kind === 'word' && /^(values|select)$/.test(token.text),
  )
  if (into === -1 || values === -1) return []
  const open = tokens.findIndex((token, at) => at > into && at < values && token.text === '(')
  const names =
    open === -1
      ? []
      : tokens
          .slice(open + 1, values)
          .filter(isName)
          .map(nameOf)
  const [first, second] = tokens.slice(into + 1, open === -1 ? values : open).filter(isName)
  if (first === undefined) return []
  const qualified = tokens[into + 2]?.text === '.' && second !== undefined
  const table = qualified ? nameOf(second) : nameOf(first)
  const schema =
    statistics.table(table, qualified ? nameOf(first) : null)?.schema ?? (qualified ? nameOf(first) : 'public')
  // A row of VALUES stands in parentheses, the list of a SELECT does not.
  const listDepth = tokens[values]?.text === 'values' ? 1 : 0
  const found: Target[] = []
  let [depth, item] = [0, 0]
  for (const token of tokens.slice(values + 1)) {
    if (token.text === '(') depth += 1
    if (token.text === '(' && depth === 1 && listDepth === 1) item = 0
    if (token.text === ')') depth -= 1
    if (token.text === ',' && depth === listDepth) item += 1
    if (token.kind === 'word' && depth === 0 && (listDepth === 1 || ENDS_SELECT_LIST.has(token.text))) break
    const column = names[item]
    if (token.kind !== 'parameter' || depth !== listDepth || column === undefined) continue
    const parameter = Number(token.text.slice(1))
    found.push({ parameter, use: 'inserted', column: { schema, table, column }, place: 0 })
  }
  return found
}

const ENDS_SELECT_LIST = new Set(['from', 'where', 'group', 'order', 'limit', 'union', 'on', 'returning', 'having'])

/** What each parameter is compared with or written into, as far as the text tells. */
export function targetsOfText(sql: string, statistics: TableLookup): readonly Target[] {
  const tokens = tokensOf(sql)
  const assigned = assignments(tokens)
  const inserted = insertions(tokens, statistics)
  const written = new Set(inserted.map(({ parameter }) => parameter))
  const compared = targetsIn(sql, resolver(tablesIn(tokens, statistics), statistics))
  const others = compared.filter(({ parameter }) => !written.has(parameter))
  return [
    ...inserted,
    ...others.map((target) => (assigned.has(target.parameter) ? { ...target, use: 'assigned' as const } : target)),
  ]
}

const CONDITIONS = ['Index Cond', 'Recheck Cond', 'Filter', 'Join Filter', 'Hash Cond', 'Merge Cond', 'One-Time Filter']

function nodesOf(plan: PlanNode): readonly PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

/** The same from the conditions of a generic plan: they see through views, and name what a text leaves open. */
export function targetsOfPlan(plan: PlanNode, statistics: TableLookup): readonly Target[] {
  const nodes = nodesOf(plan)
  const tableOf = (node: PlanNode): NamedTable | null => {
    const relation = node['Relation Name'] === undefined ? null : statistics.table(node['Relation Name'], null)
    return relation === null ? null : { schema: relation.schema, table: relation.name }
  }
  const tables = new Map<string, NamedTable | null>()
  for (const node of nodes) if (node.Alias !== undefined) tables.set(node.Alias, tableOf(node))
  const found = nodes.flatMap((node) => {
    const resolve = resolver(tables, statistics, tableOf(node))
    const record: Readonly<Record<string, unknown>> = { ...node }
    return CONDITIONS.flatMap((name) => {
      const condition = record[name]
      return typeof condition === 'string' && condition.includes('$') ? targetsIn(condition, resolve) : []
    })
  })
  const key = (column: TableColumn | null) => (column === null ? '~' : `${column.table}.${column.column}`)
  return found.toSorted((a, b) => a.parameter - b.parameter || (key(a.column) < key(b.column) ? -1 : 1))
}
