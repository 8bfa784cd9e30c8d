import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { observation } from '../../../test/core/observe.ts'
import type { NewEvent } from '../events.ts'
import { type Catalog, type CatalogChange, changeBetween, inventoryMonitor } from './inventory.ts'
import type { IndexBuild, InventoriedIndex } from './samples.ts'

const index = (name: string, of: Partial<InventoriedIndex> = {}): InventoriedIndex => ({
  name,
  table: 'payments',
  definition: `CREATE INDEX ${name} ON payments (id)`,
  valid: true,
  sizeBytes: 8192,
  scans: 0,
  ...of,
})
const plainOf = ({ name, table, definition }: InventoriedIndex) => ({ name, table, definition })
const NOTHING: CatalogChange = { settings: [], dropped: [], created: [], invalid: [], valid: [] }

interface Seen {
  readonly indexes: readonly InventoriedIndex[]
  readonly settings?: Readonly<Record<string, string>>
  readonly building?: readonly string[]
}

/** What the monitor says at each look; null is a look without an inventory. */
function said(looks: readonly (Seen | null)[]): readonly (readonly NewEvent[])[] {
  const monitor = inventoryMonitor()
  let state = monitor.initial
  return looks.map((seen, second) => {
    const builds = (seen?.building ?? []).map(
      (name): IndexBuild => ({
        pid: 1,
        index: name,
        table: 'payments',
        phase: 'building',
        progress: null,
        lockersDone: 0,
        lockersTotal: 0,
      }),
    )
    const inventory = seen && { settings: seen.settings ?? {}, indexes: seen.indexes }
    const look = monitor.look(state, [observation(second, {}, { inventory, indexBuilds: builds })])
    state = look.state
    return look.facts
  })
}

const dataOf = (facts: readonly NewEvent[] | undefined) => facts?.map(({ type, data }) => ({ type, data }))

describe('the inventory of a watched database', () => {
  it('is told at the first look, with the indexes that no query can use (I1)', () => {
    const [without, first] = said([
      null,
      { settings: { work_mem: '4096 kB' }, indexes: [index('b'), index('a', { valid: false })] },
    ])
    expect(without).toEqual([])
    expect(dataOf(first)).toEqual([
      { type: 'database.inspected', data: { settings: { work_mem: '4096 kB' }, indexes: 2, invalid: ['a'] } },
    ])
  })

  it('is told again only when it differs, whatever its sizes and scans (I1)', () => {
    const busy = index('a', { sizeBytes: 99_000, scans: 12 })
    const facts = said([{ indexes: [index('a')] }, null, { indexes: [busy] }, { indexes: [] }, { indexes: [] }])
    expect(facts.map((each) => each.length)).toEqual([1, 0, 0, 1, 0])
    expect(dataOf(facts[3])).toEqual([{ type: 'database.changed', data: { ...NOTHING, dropped: [plainOf(busy)] } }])
  })

  it('tells settings that changed, came and went', () => {
    const [, changed] = said([
      { indexes: [], settings: { work_mem: '4096 kB', jit: 'on' } },
      { indexes: [], settings: { work_mem: '64 kB', 'jit (role app)': 'off' } },
    ])
    expect(dataOf(changed)).toEqual([
      {
        type: 'database.changed',
        data: {
          ...NOTHING,
          settings: [
            { name: 'jit', from: 'on', to: null },
            { name: 'jit (role app)', from: null, to: 'off' },
            { name: 'work_mem', from: '4096 kB', to: '64 kB' },
          ],
        },
      },
    ])
  })

  it('does not count an index that is being built until it is there, or has failed (I3)', () => {
    const half = index('a', { valid: false })
    const facts = said([
      { indexes: [half], building: ['a'] },
      { indexes: [half], building: ['a'] },
      { indexes: [half] },
      { indexes: [half], building: ['a'] },
      { indexes: [index('a')] },
    ])
    expect(dataOf(facts[0])).toEqual([{ type: 'database.inspected', data: { settings: {}, indexes: 0, invalid: [] } }])
    expect(facts.slice(1).map((each) => each.map(({ data }) => data))).toEqual([
      [],
      [{ ...NOTHING, created: [plainOf(half)], invalid: ['a'] }],
      [],
      [{ ...NOTHING, valid: ['a'] }],
    ])
  })
})

const NAMES = ['a', 'b', 'c', 'd']
const catalog: fc.Arbitrary<Catalog> = fc.record({
  settings: fc.dictionary(fc.constantFrom('jit', 'work_mem', '__proto__'), fc.constantFrom('1', '2')),
  indexes: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...NAMES),
      table: fc.constantFrom('t', 'u'),
      definition: fc.constantFrom('x', 'y'),
      valid: fc.boolean(),
    }),
    { selector: ({ name }) => name },
  ),
})

const sorted = (of: Catalog) => ({
  settings: Object.entries(of.settings).sort(),
  indexes: [...of.indexes].sort((one, other) => (one.name < other.name ? -1 : 1)),
})

function applied(before: Catalog, change: CatalogChange): Catalog {
  const settings = new Map(Object.entries(before.settings))
  for (const { name, from, to } of change.settings) {
    expect(settings.get(name) ?? null).toBe(from)
    if (to === null) settings.delete(name)
    else settings.set(name, to)
  }
  const gone = new Set(change.dropped.map(({ name }) => name))
  const kept = before.indexes.filter(({ name }) => !gone.has(name))
  const indexes = [...kept, ...change.created.map((one) => ({ ...one, valid: true }))].map((one) => {
    if (change.invalid.includes(one.name)) return { ...one, valid: false }
    return change.valid.includes(one.name) ? { ...one, valid: true } : one
  })
  return { settings: Object.fromEntries(settings), indexes }
}

describe('the difference of two catalogs', () => {
  it('is nothing for a catalog and itself, in whatever order', () => {
    fc.assert(
      fc.property(catalog, (one) => {
        expect(changeBetween(one, { ...one, indexes: [...one.indexes].reverse() })).toBeNull()
      }),
    )
  })

  it('makes the later one of the earlier one (I2), and is the same in whatever order they are', () => {
    fc.assert(
      fc.property(catalog, catalog, (before, after) => {
        const change = changeBetween(before, after)
        expect(sorted(applied(before, change ?? NOTHING))).toEqual(sorted(after))
        const turned = { ...after, indexes: [...after.indexes].reverse() }
        expect(changeBetween({ ...before, indexes: [...before.indexes].reverse() }, turned)).toEqual(change)
      }),
    )
  })
})
