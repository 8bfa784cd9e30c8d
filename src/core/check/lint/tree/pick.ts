/** Picks what a rule is about out of a syntax tree. */
import type { AlterTableCmd, Node, ObjectType, RangeVar } from '@pgsql/types'
import { tokens } from '../../../postgres/scan.ts'
import type { KnownTable, StatementContext } from '../rule.ts'

type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Both) => void
  ? Both
  : never

/** Every kind of node with its body. One object type: looking a kind up in the union of all takes the compiler seconds. */
type Bodies = All<Node>

/** Names of the kinds of nodes. */
export type NodeKind = keyof Bodies

/** The body of a node of one kind. */
export type NodeOf<Kind extends NodeKind> = Bodies[Kind]

/** The body of the node when it is of that kind, else null. */
export function pick<Kind extends NodeKind>(node: Node | null | undefined, kind: Kind): NodeOf<Kind> | null {
  if (node === null || node === undefined) return null
  const bodies: unknown = node
  return (bodies as { readonly [One in Kind]?: NodeOf<One> })[kind] ?? null
}

/** The bodies of those nodes of a list that are of that kind. */
export function pickAll<Kind extends NodeKind>(
  nodes: readonly Node[] | undefined,
  kind: Kind,
): readonly NodeOf<Kind>[] {
  return (nodes ?? []).flatMap((node) => pick(node, kind) ?? [])
}

/** All nodes of one kind below a value, in the order of the tree. Takes no more steps than the tree has parts. */
export function findAll<Kind extends NodeKind>(root: unknown, kind: Kind): readonly NodeOf<Kind>[] {
  const found: NodeOf<Kind>[] = []
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value)) {
      const body = pick(value as Node, kind)
      if (body !== null) found.push(body)
    }
    // One by one: a list of values can be longer than the arguments of a call may be.
    const parts = Object.values(value)
    for (let at = parts.length - 1; at >= 0; at--) open.push(parts[at])
  }
  return found
}

/** A name as the tree has it; `schema` is null where none was written. */
export interface ObjectName {
  readonly schema: string | null
  readonly name: string
}

/** Texts of a list of String nodes. */
export function textsOf(nodes: readonly Node[] | undefined): readonly string[] {
  return pickAll(nodes, 'String').map((one) => one.sval ?? '')
}

/** A name given as a list of strings, such as a type's or a function's: the last is its name, the one before its schema. */
export function nameFrom(nodes: readonly Node[] | undefined): ObjectName {
  const parts = textsOf(nodes)
  return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' }
}

/** The name of a relation. */
export function nameOfRelation(relation: RangeVar | undefined): ObjectName {
  return { schema: relation?.schemaname ?? null, name: relation?.relname ?? '' }
}

const PLAIN = /^[a-z_][a-z0-9_$]*$/

/** A name as one writes it in SQL: quoted only where it must be. */
export function written(name: ObjectName | string): string {
  const one = (text: string) => (PLAIN.test(text) ? text : `"${text.replaceAll('"', '""')}"`)
  if (typeof name === 'string') return one(name)
  return name.schema === null ? one(name.name) : `${one(name.schema)}.${one(name.name)}`
}

/** What DROP names, when it drops that kind of object. */
export function dropped(context: StatementContext, kind: ObjectType): readonly ObjectName[] {
  const drop = pick(context.statement.node, 'DropStmt')
  if (drop?.removeType !== kind) return []
  return (drop.objects ?? []).map((object) => {
    const list = pick(object, 'List')
    return list === null ? { schema: null, name: pick(object, 'String')?.sval ?? '' } : nameFrom(list.items)
  })
}

/** One action of an ALTER TABLE. */
export interface AlterAction {
  readonly relation: ObjectName
  readonly table: KnownTable | null
  readonly command: AlterTableCmd
  /** Offset of the action's first word in the statement. */
  readonly location: number
}

/** Where the actions of an ALTER TABLE begin; `from` is the offset of the table's name. */
function actionOffsets(sql: string, from: number): readonly number[] {
  const parts = [...tokens(sql.slice(from))].filter((token) => token.kind !== 'blank')
  const textOf = (at: number) => {
    const token = parts[at]
    return token === undefined ? '' : sql.slice(from + token.start, from + token.end)
  }
  let first = 1
  while (textOf(first) === '.') first += 2
  if (textOf(first) === '*') first += 1
  const offsets: number[] = []
  let depth = 0
  for (let at = first; at < parts.length; at++) {
    const text = textOf(at)
    if (at === first || (depth === 0 && textOf(at - 1) === ',')) offsets.push(from + (parts[at]?.start ?? 0))
    if (text === '(' || text === '[') depth += 1
    if (text === ')' || text === ']') depth -= 1
  }
  return offsets
}

/** The actions of an ALTER TABLE, those of the given kinds only; empty for any other statement. */
export function alterActions(
  context: StatementContext,
  kinds: readonly NonNullable<AlterTableCmd['subtype']>[],
): readonly AlterAction[] {
  const alter = pick(context.statement.node, 'AlterTableStmt')
  if (alter === null || (alter.objtype !== 'OBJECT_TABLE' && alter.objtype !== 'OBJECT_FOREIGN_TABLE')) return []
  const relation = nameOfRelation(alter.relation)
  const table = context.table(relation.schema, relation.name)
  const offsets = actionOffsets(context.statement.sql, alter.relation?.location ?? 0)
  return pickAll(alter.cmds, 'AlterTableCmd').flatMap((command, at) =>
    command.subtype !== undefined && kinds.includes(command.subtype)
      ? [{ relation, table, command, location: offsets[at] ?? 0 }]
      : [],
  )
}

/**
 * True when the statement can have no effect because what it names with IF EXISTS is not there: only a snapshot knows.
 */
export function surelyAbsent(
  context: StatementContext,
  table: KnownTable | null,
  missingOk: boolean | undefined,
): boolean {
  return context.hasSnapshot && table === null && missingOk === true
}
