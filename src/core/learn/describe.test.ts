import { expect, it, describe as suite } from 'vitest'
import type { Fact, Facts } from '../events.ts'
import { describe, worthTelling } from './describe.ts'
import { plain } from './rich.ts'

const changed = (data: Partial<Facts['database.changed']>): Fact => ({
  type: 'database.changed',
  data: { settings: [], dropped: [], created: [], invalid: [], valid: [], ...data },
})
const index = (name: string) => ({ name, table: 'payments', definition: '' })
const told = (fact: Fact) => plain(describe(fact))

suite('a change of the catalog', () => {
  it('is told with what went, came, or cannot be used', () => {
    expect(told(changed({ dropped: [index('a')] }))).toBe("The database's catalog changed: index a of payments is gone")
    expect(
      told(
        changed({
          created: [index('b')],
          invalid: ['b'],
          valid: ['c'],
          settings: [{ name: 'jit', from: 'on', to: null }],
        }),
      ),
    ).toBe(
      "The database's catalog changed: index b of payments is new, index b is not valid, so no query can use it, index c is valid now and setting jit went from on to unset",
    )
  })

  it('is told in a sentence that stays short when a schema goes', () => {
    const dropped = Array.from({ length: 100 }, (_, i) => index(`i${i}`))
    expect(told(changed({ dropped }))).toMatch(/index i7 of payments is gone and 92 further changes$/)
  })

  it('belongs into the timeline; the first look does not', () => {
    const first: Fact = { type: 'database.inspected', data: { settings: { jit: 'on' }, indexes: 1, invalid: ['a'] } }
    expect(told(first)).toBe("The database's catalog was looked at: 1 user index, not valid: a; 1 setting noted")
    expect([worthTelling(first), worthTelling(changed({}))]).toEqual([false, true])
  })
})
