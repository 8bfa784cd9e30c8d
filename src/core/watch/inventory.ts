/**
 * Tells how the watched database's settings and indexes change, whoever changed them.
 *
 * I1 The first inventory is told as `database.inspected`; from then on one `database.changed` for each that differs from
 *    the one before, and nothing for one that does not. Sizes and scans are no difference.
 * I2 The difference, applied to the inventory before, gives the one after.
 * I3 An index that is still being built is not there yet, so that a build under way is no invalid index.
 *
 * What changed while nobody watched is not told: after a restart it begins with `database.inspected` again.
 */
import { type Facts, fact, type IndexFact, type SettingChange, type Source } from '../events.ts'
import type { Look, Monitor } from '../monitor.ts'
import type { DatabaseInventory, DatabaseSample } from './samples.ts'

/** An inventory without what changes all the time. */
export interface Catalog {
  readonly settings: Readonly<Record<string, string>>
  readonly indexes: readonly (IndexFact & { readonly valid: boolean })[]
}

/** How one catalog differs from another. */
export type CatalogChange = Facts['database.changed']

/** The catalog as it was seen last; null before the first look. */
export interface InventoryState {
  readonly known: Catalog | null
}

const SOURCE: Source = { kind: 'premortem', name: 'inventory' }

const ordered = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
const byName = (one: { readonly name: string }, other: { readonly name: string }) => ordered(one.name, other.name)

/** Written out, so that the state holds no sizes and counts. */
const factOf = ({ name, table, definition }: IndexFact): IndexFact => ({ name, table, definition })

const isBeingBuilt = (sample: Pick<DatabaseSample, 'indexBuilds'>, name: string): boolean =>
  sample.indexBuilds.some((build) => build.index === name)

/** Names of the indexes that no query can use, without those that are being built; null when none were looked at. */
export function invalidIndexes(sample: Pick<DatabaseSample, 'inventory' | 'indexBuilds'>): readonly string[] | null {
  if (sample.inventory === null) return null
  return sample.inventory.indexes
    .filter(({ name, valid }) => !valid && !isBeingBuilt(sample, name))
    .map(({ name }) => name)
    .sort(ordered)
}

/** I3. An index that was known before, and is now being built once more, stays known. */
function catalogOf(
  sample: Pick<DatabaseSample, 'indexBuilds'> & { readonly inventory: DatabaseInventory },
  before: Catalog | null,
): Catalog {
  const known = new Set(before?.indexes.map(({ name }) => name))
  const indexes = sample.inventory.indexes
    .filter(({ name, valid }) => valid || known.has(name) || !isBeingBuilt(sample, name))
    .map((index) => ({ ...factOf(index), valid: index.valid }))
  return { settings: sample.inventory.settings, indexes }
}

function settingsBetween(before: Catalog['settings'], after: Catalog['settings']): readonly SettingChange[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => ({ name, from: old.get(name) ?? null, to: now.get(name) ?? null }))
    .filter(({ from, to }) => from !== to)
    .sort(byName)
}

/** I2. What became of one catalog; null when nothing did. Lists are in the order of names. */
export function changeBetween(before: Catalog, after: Catalog): CatalogChange | null {
  const old = new Map(before.indexes.map((index) => [index.name, index]))
  const now = new Map(after.indexes.map((index) => [index.name, index]))
  const isSame = (index: IndexFact, other: IndexFact | undefined) =>
    other !== undefined && index.table === other.table && index.definition === other.definition
  const dropped = [...old.values()].filter((index) => !isSame(index, now.get(index.name)))
  const created = [...now.values()].filter((index) => !isSame(index, old.get(index.name)))
  const isNew = new Set(created.map(({ name }) => name))
  const wasValid = (name: string) => isNew.has(name) || old.get(name)?.valid === true
  const turned = [...now.values()].filter(({ name, valid }) => valid !== wasValid(name)).sort(byName)
  const change: CatalogChange = {
    settings: settingsBetween(before.settings, after.settings),
    dropped: dropped.map(factOf).sort(byName),
    created: created.map(factOf).sort(byName),
    invalid: turned.filter(({ valid }) => !valid).map(({ name }) => name),
    valid: turned.filter(({ valid }) => valid).map(({ name }) => name),
  }
  return Object.values(change).some((list) => list.length > 0) ? change : null
}

/** Says what the database is set to and which indexes it has, once, and from then on what changes; see I1 to I3 above. */
export function inventoryMonitor(): Monitor<InventoryState> {
  return {
    name: 'inventory',
    initial: { known: null },
    note: (state) => state,
    look(state, recent): Look<InventoryState> {
      const database = recent[recent.length - 1]?.database ?? null
      if (database === null || database.inventory === null) return { state, facts: [], questions: [] }
      const said = { at: database.at, source: SOURCE }
      const known = catalogOf({ indexBuilds: database.indexBuilds, inventory: database.inventory }, state.known)
      if (state.known === null) {
        const invalid = invalidIndexes(database) ?? []
        const { settings, indexes } = known
        const first = fact(said, 'database.inspected', { settings, indexes: indexes.length, invalid })
        return { state: { known }, facts: [first], questions: [] }
      }
      const change = changeBetween(state.known, known)
      return { state: { known }, facts: change === null ? [] : [fact(said, 'database.changed', change)], questions: [] }
    },
    answer: (state) => ({ state, facts: [], questions: [] }),
  }
}
