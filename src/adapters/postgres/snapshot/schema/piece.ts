/** Pieces of a schema and the order in which they can be made. */
import type { SchemaStatement } from '../../../../core/check/snapshot.ts'

/** `<catalog>:<oid>`, as pg_depend names an object. */
export type ObjectKey = string

/** What is made together: usually one statement. */
export interface Piece {
  readonly key: ObjectKey
  /** Catalog entries that are made with it: a table's row type, its defaults. */
  readonly alsoMakes: readonly ObjectKey[]
  readonly phase: Phase
  /** Orders pieces of one phase, so that the same schema always gives the same text. */
  readonly name: string
  readonly statements: readonly Omit<SchemaStatement, 'extension'>[]
}

/** What comes first where nothing else decides. */
export const PHASES = [
  'setting',
  'role',
  'schema',
  'extension',
  'collation',
  'type',
  'function',
  'sequence',
  'table',
  'attach',
  'owned-by',
  'key',
  'index',
  'index-attach',
  'check',
  'foreign-key',
  'statistics',
  'view',
  'rule',
  'trigger',
  'policy',
] as const
/** One of `PHASES`. */
export type Phase = (typeof PHASES)[number]

/** One line of pg_depend: `from` needs `to`. */
export interface Dependency {
  readonly from: ObjectKey
  readonly to: ObjectKey
}

const inOrder = (a: Piece, b: Piece): number =>
  PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/**
 * Pieces so that each comes after what it needs; otherwise by phase and name. Circles (a function whose body reads the
 * table whose default calls it) are cut where they close: bodies are not checked when a function is made.
 */
export function sortPieces(pieces: readonly Piece[], dependencies: readonly Dependency[]): readonly Piece[] {
  const owner = new Map<ObjectKey, Piece>()
  for (const piece of pieces) for (const key of [piece.key, ...piece.alsoMakes]) owner.set(key, piece)
  const needs = new Map<Piece, Set<Piece>>()
  for (const { from, to } of dependencies) {
    const [piece, needed] = [owner.get(from), owner.get(to)]
    if (piece === undefined || needed === undefined || piece === needed) continue
    const known = needs.get(piece) ?? new Set()
    known.add(needed)
    needs.set(piece, known)
  }
  const sorted: Piece[] = []
  const seen = new Set<Piece>()
  for (const first of [...pieces].sort(inOrder)) place(first, { needs, seen, sorted })
  return sorted
}

/** Depth first, without recursion: a schema may be deeper than the stack. */
function place(
  first: Piece,
  state: { needs: ReadonlyMap<Piece, ReadonlySet<Piece>>; seen: Set<Piece>; sorted: Piece[] },
): void {
  const path: { piece: Piece; left: Piece[] }[] = []
  const enter = (piece: Piece) => {
    if (state.seen.has(piece)) return
    state.seen.add(piece)
    path.push({ piece, left: [...(state.needs.get(piece) ?? [])].sort(inOrder) })
  }
  enter(first)
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.left.shift()
    if (next !== undefined) enter(next)
    else {
      state.sorted.push(top.piece)
      path.pop()
    }
  }
}
