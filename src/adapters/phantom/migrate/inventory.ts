/** What relations there are, and what a statement did to them. */
import type { LockMode } from '../../../core/check/finding.ts'
import type { RelationSnapshot, Snapshot } from '../../../core/check/snapshot.ts'
import type { MigrationSession } from './session.ts'

/** A relation of the phantom; followed by its oid, so that it keeps its size through every renaming. */
export interface Relation {
  readonly oid: number
  /** Schema-qualified unless in `public`. */
  readonly name: string
  readonly schema: string
  readonly relname: string
  readonly kind: string
  readonly filenode: number
  readonly valid: boolean
  /** Of an index: its table's oid. */
  readonly table: number | null
  /** Of a partition or a child: its parent's oid. */
  readonly parent: number | null
}

interface Row {
  readonly oid: number
  readonly schema: string
  readonly relname: string
  readonly kind: string
  readonly filenode: number
  readonly valid: boolean
  readonly table: number | null
  readonly parent: number | null
}

const FIELDS = `c.oid, n.nspname as schema, c.relname, c.relkind as kind, c.relfilenode as filenode,
  coalesce(i.indisvalid, true) as valid, i.indrelid as table,
  (select h.inhparent from pg_inherits h where h.inhrelid = c.oid order by h.inhseqno limit 1) as parent`
const SOURCE = `pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I')`
const ALL = `select ${FIELDS} from ${SOURCE}`
/** The first oid of objects that initdb did not make. */
const FIRST_OWN_OID = 16_384
const LOCKS = `select l.relation as oid, array_agg(l.mode)::text[] as modes from pg_locks l
  where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.relation >= ${FIRST_OWN_OID} group by 1`
/** Only what the transaction has locked can have changed in it: whoever changes a relation locks it until the end. */
const LOCKED = `with held as materialized (${LOCKS})
  select held.oid as locked, held.modes, found.* from held left join (select ${FIELDS} from ${SOURCE}) found using (oid)`

type LockedRow = Partial<Row> & { readonly locked: number; readonly modes: readonly string[] }

/** Weakest first, as PostgreSQL numbers them. */
export const LOCK_STRENGTH: readonly LockMode[] = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
]
/** By PostgreSQL’s numbers: Share counts as stronger than ShareUpdateExclusive. */
export const isStronger = (mode: LockMode, than: LockMode): boolean =>
  LOCK_STRENGTH.indexOf(mode) > LOCK_STRENGTH.indexOf(than)

function relationOf(row: Row): Relation {
  const { oid, schema, relname, kind, filenode, valid, table, parent } = row
  const name = schema === 'public' ? relname : `${schema}.${relname}`
  return { oid, name, schema, relname, kind, filenode, valid, table, parent }
}

/** What a statement did, read from the catalog. */
export interface Difference {
  readonly created: readonly Relation[]
  readonly dropped: readonly Relation[]
  /** As they are now. */
  readonly rewritten: readonly Relation[]
  readonly invalid: readonly Relation[]
  /** Relations that were there before, with the strongest lock that was not held before. */
  readonly locks: ReadonlyMap<number, LockMode>
  /** What it touched, as it was. */
  readonly before: ReadonlyMap<number, Relation>
}

/** All relations, kept up to date statement by statement. */
export class Inventory {
  private relations = new Map<number, Relation>()
  private held = new Map<number, ReadonlySet<LockMode>>()
  private readonly sizes = new Map<number, RelationSnapshot>()
  private readonly bornInTransaction = new Set<number>()

  /** Before the change: production's names are those of the phantom. */
  async open(session: MigrationSession, snapshot: Snapshot): Promise<void> {
    await this.reload(session)
    const known = new Map(snapshot.relations.map((relation) => [`${relation.schema}.${relation.name}`, relation]))
    for (const { oid, schema, relname } of this.relations.values()) {
      const size = known.get(`${schema}.${relname}`)
      if (size !== undefined) this.sizes.set(oid, size)
    }
  }

  all(): Iterable<Relation> {
    return this.relations.values()
  }
  get(oid: number): Relation | null {
    return this.relations.get(oid) ?? null
  }
  /** Its size in production; null for what the change made and what the snapshot does not know. */
  sizeOf(oid: number): RelationSnapshot | null {
    return this.sizes.get(oid) ?? null
  }
  /** The strongest lock that the transaction holds. */
  heldOn(oid: number): LockMode | null {
    return strongest([...(this.held.get(oid) ?? [])])
  }
  isNewHere(oid: number): boolean {
    return this.bornInTransaction.has(oid)
  }

  /** A transaction has ended: nothing is held any more. */
  released(): void {
    this.held = new Map()
    this.bornInTransaction.clear()
  }

  /** All of it anew, for what cannot be followed by locks. */
  async reload(session: MigrationSession): Promise<Difference> {
    const before = this.relations
    const rows = await session.rows<Row>(ALL)
    this.relations = new Map(rows.map((row) => [row.oid, relationOf(row)]))
    const difference = compare(before, this.relations, new Set([...before.keys(), ...this.relations.keys()]))
    this.keepSizes(difference)
    return difference
  }

  /** What the statement that just ran in the open transaction did. */
  async observe(session: MigrationSession): Promise<Difference> {
    const rows = await session.rows<LockedRow>(LOCKED)
    const before = new Map<number, Relation>()
    const after = new Map<number, Relation>()
    const locks = new Map<number, LockMode>()
    const held = new Map<number, ReadonlySet<LockMode>>()
    for (const row of rows) {
      const modes = row.modes.map((mode) => mode.replace(/Lock$/, '') as LockMode)
      held.set(row.locked, new Set(modes))
      const known = this.relations.get(row.locked)
      if (known !== undefined) before.set(row.locked, known)
      if (isFull(row)) after.set(row.locked, relationOf(row))
      const taken = strongest(modes.filter((mode) => this.held.get(row.locked)?.has(mode) !== true))
      if (known !== undefined && taken !== null && !this.isNewHere(row.locked)) locks.set(row.locked, taken)
    }
    const difference = compare(before, after, new Set([...before.keys(), ...after.keys()]))
    for (const oid of before.keys()) this.relations.delete(oid)
    for (const [oid, relation] of after) this.relations.set(oid, relation)
    for (const { oid } of difference.created) this.bornInTransaction.add(oid)
    this.held = held
    this.keepSizes(difference)
    return { ...difference, locks }
  }

  /** An index made anew has a new oid and the old size. */
  private keepSizes({ rewritten, before }: Difference): void {
    const old = new Map([...before.values()].map((relation) => [relation.name, relation.oid]))
    for (const { oid, name } of rewritten) {
      const size = this.sizes.get(old.get(name) ?? oid)
      if (size !== undefined) this.sizes.set(oid, size)
    }
  }
}

const isFull = (row: LockedRow): row is LockedRow & Row => row.relname !== undefined && row.relname !== null

const strongest = (modes: readonly LockMode[]): LockMode | null =>
  modes.reduce<LockMode | null>((best, mode) => (best === null || isStronger(mode, best) ? mode : best), null)

/** An index that was dropped and made again under its name, as ALTER COLUMN TYPE does it, was rewritten. */
function compare(
  before: ReadonlyMap<number, Relation>,
  after: ReadonlyMap<number, Relation>,
  touched: ReadonlySet<number>,
): Difference {
  const created: Relation[] = []
  const dropped: Relation[] = []
  const rewritten: Relation[] = []
  const invalid: Relation[] = []
  for (const oid of touched) {
    const [old, now] = [before.get(oid), after.get(oid)]
    if (old === undefined && now !== undefined) created.push(now)
    if (old !== undefined && now === undefined) dropped.push(old)
    if (old !== undefined && now !== undefined && old.filenode !== now.filenode) rewritten.push(now)
    if (now !== undefined && !now.valid) invalid.push(now)
  }
  const again = new Map(dropped.filter(({ kind }) => kind === 'i').map((index) => [index.name, index]))
  const made = created.filter(({ kind, name }) => kind === 'i' && again.has(name))
  const remade = new Set(made.map(({ name }) => name))
  rewritten.push(...made.filter(({ name, filenode }) => again.get(name)?.filenode !== filenode))
  const others = ({ kind, name }: Relation) => !(kind === 'i' && remade.has(name))
  return {
    created: created.filter(others),
    dropped: dropped.filter(others),
    rewritten,
    invalid,
    locks: new Map(),
    before,
  }
}
