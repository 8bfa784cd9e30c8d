/** Reads a plan for comparing: how each table is got at, how they are joined, what is sorted, and its shape. */
import { columnsIn } from '../../postgres/index-definition.ts'
import type { PlanNode } from '../../postgres/plan-node.ts'

/** Deeper parts of a plan are not looked at. PostgreSQL's own are rarely deeper than 30. */
const MAX_DEPTH = 200

/** How rows of a table are found; `other` for what is no scan of a table. */
export type AccessMethod = 'seq' | 'index-only' | 'index' | 'bitmap' | 'tid' | 'sample' | 'other'

/** How one table or partition is read. */
export interface Way {
  readonly method: AccessMethod
  /** Keys of the indexes, see `IndexKeyOf`; sorted. */
  readonly indexes: readonly string[]
  /** The indexes as the plan names them. */
  readonly indexNames: readonly string[]
  /** Columns by which the index is searched, sorted; empty when all of it is read. */
  readonly searched: readonly string[]
  readonly node: PlanNode
}

/** A table at one place of the query; all its partitions together. */
export interface Access {
  /** Alias, without the number that PostgreSQL adds for each partition. */
  readonly alias: string
  /** The table, or of several partitions the first one. */
  readonly relation: string
  /** By the name of the table or partition. */
  readonly ways: ReadonlyMap<string, Way>
}

/** A node that works on tables below it; `tables` are their aliases, sorted. */
export interface Step {
  /** Such as `Hash Join Inner`, `Sort`, `Aggregate Hashed`. */
  readonly what: string
  readonly tables: readonly string[]
  /** Of a join: aliases below the outer and the inner side. */
  readonly sides: readonly (readonly string[])[]
  readonly node: PlanNode
  /** Rows that a LIMIT right above asks for; null without one. */
  readonly limit: number | null
}

/** A plan as far as it matters for comparing. */
export interface PlanTree {
  readonly accesses: ReadonlyMap<string, Access>
  readonly joins: readonly Step[]
  readonly sorts: readonly Step[]
  readonly hashes: readonly Step[]
  /** Processes planned at its Gather nodes; 0: not parallel. */
  readonly workers: number
  /** Equal for plans that do the same in the same order, whatever they cost. Partitions, parallel variants and index names are levelled. */
  readonly shape: string
}

/** Two indexes with the same key are one index under two names. Default: the name. */
export type IndexKeyOf = (name: string) => string

const METHODS: Readonly<Record<string, AccessMethod>> = {
  'Seq Scan': 'seq',
  'Index Only Scan': 'index-only',
  'Index Scan': 'index',
  'Bitmap Heap Scan': 'bitmap',
  'Tid Scan': 'tid',
  'Tid Range Scan': 'tid',
  'Sample Scan': 'sample',
}
const APPENDS: ReadonlySet<string> = new Set(['Append', 'Merge Append'])
const GATHERS: ReadonlySet<string> = new Set(['Gather', 'Gather Merge'])
const TRANSPARENT_TO_LIMIT: ReadonlySet<string> = new Set(['Gather', 'Gather Merge', 'Result', 'LockRows'])
/** Below these, nothing names a table of its own. */
const isJoin = (node: PlanNode): boolean => /Join$|^Nested Loop$/.test(node['Node Type'])

interface Place {
  readonly inAppend: boolean
  readonly limit: number | null
  readonly depth: number
}

interface Read {
  readonly shape: string
  readonly tables: readonly string[]
}

const unnumbered = (alias: string): string => alias.replace(/_\d+$/, '')
const sorted = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].sort()
const childrenOf = (node: PlanNode, depth: number): readonly PlanNode[] =>
  depth >= MAX_DEPTH ? [] : (node.Plans ?? [])

function indexNodes(node: PlanNode, depth: number): readonly PlanNode[] {
  const own = node['Index Name'] === undefined ? [] : [node]
  return [...own, ...childrenOf(node, depth).flatMap((child) => indexNodes(child, depth + 1))]
}

function wayOf(node: PlanNode, indexKey: IndexKeyOf, depth: number): Way {
  const method = METHODS[node['Node Type']] ?? 'other'
  const nodes = method === 'bitmap' ? indexNodes(node, depth) : node['Index Name'] === undefined ? [] : [node]
  const names = nodes.flatMap((one) => one['Index Name'] ?? [])
  const local = [node.Alias, node['Relation Name']].flatMap((name) => name ?? [])
  const searched = nodes.flatMap((one) => columnsIn(one['Index Cond'] ?? '', local))
  return { method, indexes: sorted(names.map(indexKey)), indexNames: sorted(names), searched: sorted(searched), node }
}

class Reader {
  readonly accesses = new Map<string, { alias: string; relation: string; ways: Map<string, Way> }>()
  readonly joins: Step[] = []
  readonly sorts: Step[] = []
  readonly hashes: Step[] = []
  workers = 0
  private readonly indexKey: IndexKeyOf

  constructor(indexKey: IndexKeyOf) {
    this.indexKey = indexKey
  }

  read(node: PlanNode, place: Place): Read {
    const type = node['Node Type']
    if (GATHERS.has(type)) this.workers += node['Workers Planned'] ?? 1
    if (METHODS[type] !== undefined) return this.scan(node, place)
    const limit = type === 'Limit' ? node['Plan Rows'] : TRANSPARENT_TO_LIMIT.has(type) ? place.limit : null
    const inAppend = APPENDS.has(type) || (place.inAppend && !isJoin(node))
    const below = { inAppend, limit, depth: place.depth + 1 }
    const children = childrenOf(node, place.depth).map((child) => this.read(child, below))
    const leaf = children.length === 0 && node.Alias !== undefined ? [node.Alias] : []
    const tables = sorted([...leaf, ...children.flatMap((child) => child.tables)])
    this.note(node, { tables, sides: children.map((child) => child.tables), limit: place.limit })
    return {
      tables,
      shape: shapeOf(
        node,
        children.map((child) => child.shape),
      ),
    }
  }

  private scan(node: PlanNode, place: Place): Read {
    const relation = node['Relation Name'] ?? ''
    const alias = node.Alias ?? relation
    const key = place.inAppend ? unnumbered(alias) : alias
    const way = wayOf(node, this.indexKey, place.depth)
    const access = this.accesses.get(key) ?? { alias: key, relation, ways: new Map<string, Way>() }
    access.ways.set(access.ways.has(relation) ? `${relation} ${access.ways.size}` : relation, way)
    this.accesses.set(key, access)
    const below = { inAppend: false, limit: null, depth: place.depth + 1 }
    const isBitmap = way.method === 'bitmap'
    const children = isBitmap ? [] : childrenOf(node, place.depth).map((child) => this.read(child, below))
    const own = `${node['Subplan Name'] ?? ''}${way.method}[${key}|${way.indexes.join()}|${way.searched.join()}]`
    const shapes = children.map((child) => child.shape)
    return { tables: [key, ...children.flatMap((child) => child.tables)], shape: `${own}${inner(shapes)}` }
  }

  private note(node: PlanNode, of: Pick<Step, 'tables' | 'sides' | 'limit'>): void {
    const type = node['Node Type']
    if (isJoin(node)) this.joins.push({ what: `${type} ${node['Join Type'] ?? ''}`.trim(), node, ...of })
    if (/Sort$/.test(type)) this.sorts.push({ what: type, node, ...of })
    const hashed = type === 'Hash' || (type === 'Aggregate' && /^(Hashed|Mixed)$/.test(node.Strategy ?? ''))
    if (hashed) this.hashes.push({ what: type, node, ...of })
  }
}

const inner = (shapes: readonly string[]): string => (shapes.length === 0 ? '' : `(${shapes.join(';')})`)

function shapeOf(node: PlanNode, children: readonly string[]): string {
  const type = node['Node Type']
  const name = node['Subplan Name'] === undefined ? '' : `${node['Subplan Name']}:`
  const below = inner(APPENDS.has(type) ? sorted(children) : children)
  const parallel = GATHERS.has(type) || node['Partial Mode'] === 'Partial'
  if (parallel) return `${name}${children.join(';')}`
  const keys = node['Sort Key']?.join().replace(/_\d+(?=\.)/g, '')
  const parts = [type, node['Join Type'], node.Strategy, node.Operation, node['CTE Name'], keys]
  const leaf = children.length === 0 ? node.Alias : undefined
  return `${name}${[...parts, leaf].flatMap((part) => part ?? []).join(' ')}${below}`
}

/** Never throws, whatever the plan. `indexKey`: see there. */
export function readTree(plan: PlanNode, indexKey: IndexKeyOf = (name) => name): PlanTree {
  const reader = new Reader(indexKey)
  const { shape } = reader.read(plan, { inAppend: false, limit: null, depth: 0 })
  const { accesses, joins, sorts, hashes, workers } = reader
  return { accesses, joins, sorts, hashes, workers, shape }
}
