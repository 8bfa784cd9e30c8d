/** The indexes and sizes of tables that are known, before the change and after it. */
import { tokensOf } from '../../postgres/tokens.ts'
import type { AppliedStatement } from '../plans.ts'
import type { RelationSnapshot, Snapshot } from '../snapshot.ts'
import { type IndexShape, itemsAt, plainName, shapeOfIndex } from './index-shape.ts'

/** An index with what it is good for besides plans. */
export interface KnownShape {
  readonly shape: IndexShape
  /** CREATE INDEX as it was written; null for that of a constraint. */
  readonly sql: string | null
  /** Enforces a primary key, a unique or an exclusion constraint. */
  readonly constraint: boolean
  /** Made by this statement of the change; null: production has it. */
  readonly madeBy: AppliedStatement | null
}

/** A foreign key's own columns, which its table wants an index on. */
export interface ForeignKey {
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
}

/** Indexes, foreign keys and sizes, on both sides of the change. */
export interface Catalogue {
  readonly before: ReadonlyMap<string, KnownShape>
  readonly after: ReadonlyMap<string, KnownShape>
  readonly foreignKeys: readonly ForeignKey[]
  /** Tables, partitions and indexes of the snapshot by name, without schema. The first wins when two schemas have one. */
  readonly relations: ReadonlyMap<string, RelationSnapshot>
  /** Of a partition: the partitioned table at the top. */
  readonly parents: ReadonlyMap<string, string>
}

/** Partitions of partitions, as deep as they are followed. */
const MAX_PARTITION_LEVELS = 8

const wordsOf = (sql: string): readonly string[] =>
  tokensOf(sql).map((token) => (token.kind === 'quoted' ? plainName(token) : token.text))

const lastName = (qualified: string): string => qualified.slice(qualified.lastIndexOf('.') + 1).replaceAll('"', '')

/** The table of `ALTER TABLE [IF EXISTS] [ONLY] a.b …`, and what follows it. */
function alteredTable(words: readonly string[]): { schema: string; table: string; next: number } | null {
  if (words[0] !== 'alter' || words[1] !== 'table') return null
  let at = 2
  while (['if', 'exists', 'only'].includes(words[at] ?? '')) at += 1
  const qualified = words[at + 1] === '.'
  return {
    schema: qualified ? (words[at] ?? '') : 'public',
    table: words[qualified ? at + 2 : at] ?? '',
    next: at + (qualified ? 3 : 1),
  }
}

/** The index of `ALTER TABLE t ADD CONSTRAINT n PRIMARY KEY (a, b)`; null for other statements. */
function constraintIndex(sql: string): IndexShape | null {
  const words = wordsOf(sql)
  const altered = alteredTable(words)
  const add = words.indexOf('constraint')
  if (altered === null || add === -1 || words[add - 1] !== 'add') return null
  const [name = '', kind = ''] = words.slice(add + 1)
  const open = words.indexOf('(', add)
  if ((kind !== 'primary' && kind !== 'unique') || open === -1) return null
  const keys = itemsAt(tokensOf(sql), open).items.map((item) => plainName(item[0]))
  return {
    name,
    schema: altered.schema,
    table: altered.table,
    unique: true,
    method: 'btree',
    keys: keys.map((column) => ({ what: column, column, options: '', descending: false, nullsFirst: false })),
    include: [],
    predicate: null,
  }
}

function foreignKeyOf(sql: string): ForeignKey | null {
  const words = wordsOf(sql)
  const altered = alteredTable(words)
  const at = words.indexOf('foreign')
  if (altered === null || at === -1 || words[at + 1] !== 'key') return null
  const columns = itemsAt(tokensOf(sql), words.indexOf('(', at)).items.map((item) => plainName(item[0]))
  return { schema: altered.schema, table: altered.table, columns }
}

function known(sql: string, madeBy: AppliedStatement | null): KnownShape | null {
  const index = shapeOfIndex(sql)
  if (index !== null) return { shape: index, sql, constraint: false, madeBy }
  const key = constraintIndex(sql)
  return key === null ? null : { shape: key, sql: null, constraint: true, madeBy }
}

/** `ALTER INDEX a RENAME TO b`, `ALTER TABLE a RENAME CONSTRAINT x TO y`, `… ADD CONSTRAINT b UNIQUE USING INDEX a`. */
function renamedIndex(sql: string): { from: string; to: string; constraint: boolean } | null {
  const words = wordsOf(sql)
  const [to, using] = [words.indexOf('to'), words.indexOf('using')]
  const renames = words[0] === 'alter' && words.includes('rename') && to !== -1
  if (renames && (words[1] === 'index' || words.includes('constraint')))
    return {
      from: words[words.lastIndexOf('to') - 1] === undefined ? '' : oldName(words),
      to: words.at(to + 1) ?? '',
      constraint: false,
    }
  if (words[1] === 'table' && using !== -1 && words[using + 1] === 'index') {
    const name = words[words.indexOf('constraint') + 1] ?? ''
    return {
      from: words[using + 2] ?? '',
      to: words.includes('constraint') ? name : (words[using + 2] ?? ''),
      constraint: true,
    }
  }
  return null
}

const oldName = (words: readonly string[]): string =>
  (words[1] === 'index' ? words[words.indexOf('rename') - 1] : words[words.indexOf('to') - 1]) ?? ''

/** `ALTER TABLE a RENAME TO b` and `ALTER TABLE a RENAME COLUMN x TO y` change what definitions say. */
function withTableChanges(indexes: Map<string, KnownShape>, sql: string): void {
  const words = wordsOf(sql)
  const altered = alteredTable(words)
  if (altered === null || words[altered.next] !== 'rename') return
  const rest = words.slice(altered.next + 1).filter((word) => word !== 'column' && word !== ';')
  const [first = '', second = '', third = ''] = rest
  for (const [name, one] of indexes) {
    if (one.shape.table !== altered.table) continue
    if (first === 'to') indexes.set(name, { ...one, shape: { ...one.shape, table: second } })
    else if (second === 'to') indexes.set(name, { ...one, shape: withColumn(one.shape, { from: first, to: third }) })
  }
}

function withColumn(shape: IndexShape, { from, to }: { from: string; to: string }): IndexShape {
  const swap = (text: string) =>
    text
      .split(' ')
      .map((word) => (word === from ? to : word))
      .join(' ')
  return {
    ...shape,
    keys: shape.keys.map((key) => ({ ...key, what: swap(key.what), column: key.column === from ? to : key.column })),
    include: shape.include.map(swap),
    predicate: shape.predicate === null ? null : swap(shape.predicate),
  }
}

function applyTo(indexes: Map<string, KnownShape>, statement: AppliedStatement): void {
  for (const dropped of statement.dropped) indexes.delete(lastName(dropped))
  const made = known(statement.sql, statement)
  if (made !== null) {
    // Without a name in the statement, what was really created tells it.
    const name = made.shape.name === '' ? lastName(statement.created[0] ?? '') : made.shape.name
    if (name !== '') indexes.set(name, { ...made, shape: { ...made.shape, name } })
  }
  const renamed = renamedIndex(statement.sql)
  const old = renamed === null ? undefined : indexes.get(renamed.from)
  if (renamed !== null && old !== undefined) {
    indexes.delete(renamed.from)
    const constraint = old.constraint || renamed.constraint
    indexes.set(renamed.to, { ...old, constraint, shape: { ...old.shape, name: renamed.to } })
  }
  withTableChanges(indexes, statement.sql)
}

/** `CREATE TABLE a PARTITION OF b`, `ALTER TABLE b ATTACH PARTITION a`: a of b. */
function partitionOf(sql: string): readonly [string, string] | null {
  const words = wordsOf(sql)
  const at = words.indexOf('partition')
  const nameAt = (from: number) => words[words[from + 1] === '.' ? from + 2 : from] ?? ''
  if (at === -1) return null
  if (words[0] === 'create' && words[at + 1] === 'of') return [words[at - 1] ?? '', nameAt(at + 2)]
  if (words[0] === 'alter' && words[at - 1] === 'attach') return [nameAt(at + 1), alteredTable(words)?.table ?? '']
  return null
}

/** Partitions of partitions lead to the top. */
function parentsOf(statements: readonly { readonly sql: string }[]): ReadonlyMap<string, string> {
  const direct = new Map(
    statements.flatMap(({ sql }) => {
      const pair = partitionOf(sql)
      return pair === null ? [] : [pair]
    }),
  )
  const top = (name: string): string => {
    let now = name
    for (let level = 0; level < MAX_PARTITION_LEVELS; level++) now = direct.get(now) ?? now
    return now
  }
  return new Map([...direct.keys()].map((child) => [child, top(child)]))
}

/**
 * Reads the snapshot's schema, and follows the statements of the change as they really went. `earlier`: statements that
 * were pending before the change, and so are there before and after it.
 */
export function catalogueOf(
  snapshot: Snapshot,
  applied: readonly AppliedStatement[],
  earlier: readonly AppliedStatement[] = [],
): Catalogue {
  const before = new Map<string, KnownShape>()
  for (const { sql } of snapshot.schema) {
    const one = known(sql, null)
    if (one !== null && one.shape.name !== '') before.set(one.shape.name, one)
  }
  for (const statement of earlier) applyTo(before, statement)
  const after = new Map(before)
  const all = [...snapshot.schema, ...earlier, ...applied]
  for (const statement of applied) applyTo(after, statement)
  const foreignKeys = all.flatMap(({ sql }) => foreignKeyOf(sql) ?? [])
  const relations = new Map<string, RelationSnapshot>()
  for (const relation of snapshot.relations) if (!relations.has(relation.name)) relations.set(relation.name, relation)
  return { before, after, foreignKeys, relations, parents: parentsOf(all) }
}
