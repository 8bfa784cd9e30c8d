import { describe, expect, it } from 'vitest'
import {
  alert,
  calm,
  FAST_PLAN,
  INDEX,
  LIST,
  migration,
  type Story,
  stuck,
  told,
} from '../../../test/core/diagnosis-story.ts'
import { at, BAD, ledger, observation, SERVICE } from '../../../test/core/observe.ts'
import { ms } from '../../base/time.ts'
import { diagnosisMonitor, MAX_NAMINGS, UNKNOWN_LOOKS } from './diagnosis.ts'

describe('other causes', () => {
  it('a slow statement of the release, when the index that it dropped has nothing to do with it', () => {
    const other = {
      name: 'idx_amount',
      table: 'payment_transactions',
      definition: 'CREATE INDEX idx_amount ON payment_transactions (amount)',
    }
    const { first } = told({ migrations: [migration([other])] })
    expect(first).toMatchObject({ kind: 'slow-statement-of-release', release: BAD, index: null, migrationFile: null })
    expect(first?.evidence.join('\n')).toContain('dropped idx_amount, which this plan would not use')
  })

  it('the same when the index was created again, by the migration or by a person', () => {
    const again = { ...INDEX, name: 'idx_new_name' }
    expect(told({ migrations: [migration([INDEX]), migration([], [again])] }).first?.kind).toBe(
      'slow-statement-of-release',
    )
    const also: Story['also'] = (second, event) =>
      second === 15
        ? [
            event(15, 'index.build-finished', {
              index: INDEX.name,
              table: INDEX.table,
              took: ms(1),
              valid: true,
              error: null,
            }),
          ]
        : []
    expect(told({ also }).first?.kind).toBe('slow-statement-of-release')
  })

  it('the statement alone while no plan is to be had, with the reason', () => {
    const { first, causes } = told({ explain: () => 'permission denied for table payment_transactions' })
    expect(first?.kind).toBe('slow-statement-of-release')
    expect(first?.evidence.join('\n')).toContain('permission denied')
    expect(causes).toHaveLength(1)
  })

  it('goes on without an answer that never comes', () => {
    const { causes } = told({ explain: null })
    expect(causes[0]).toMatchObject({ second: 22, cause: { kind: 'slow-statement-of-release' } })
  })

  it('a queue for a lock', () => {
    const locked = (second: number) => {
      const seen = stuck(second, "UPDATE payment_transactions SET status = 'settled' WHERE id = $1")
      return observation(second, { [BAD]: { requests: 20, active: 9, locked: 8 } }, seen.database)
    }
    const { first } = told({ seen: locked, migrations: [], explain: () => FAST_PLAN })
    expect(first).toMatchObject({ kind: 'lock-queue' })
    expect(first?.evidence[0]).toContain('waited for a lock')
  })

  it('a full pool over an idle database', () => {
    const idle = (second: number) =>
      observation(second, {
        [BAD]: { requests: 20, errors: 5, used: 100, pending: 40, active: 1, idleInTransaction: 90 },
      })
    expect(told({ seen: idle, migrations: [] }).first).toMatchObject({ kind: 'pool-exhausted', statement: null })
  })

  it('is not "a full pool" when the database could not be looked at', () => {
    const blind = (second: number) =>
      observation(second, { [BAD]: { requests: 20, errors: 5, used: 100, pending: 40 } }, null)
    expect(told({ seen: blind, migrations: [] }).first?.kind).toBe('unknown')
  })
})

describe('thin evidence', () => {
  it('is called unknown, once, after it has waited for more', () => {
    const { causes } = told({ seen: calm, migrations: [] })
    expect(causes).toMatchObject([{ second: 17 + UNKNOWN_LOOKS, cause: { kind: 'unknown', score: 0 } }])
  })

  it('without a release names no release, and shows the statement that takes the time', () => {
    const { first } = told({ release: false })
    expect(first).toMatchObject({
      kind: 'unknown',
      release: null,
      statement: expect.stringContaining('payment_transactions'),
    })
    expect(first?.evidence[0]).toBe('no release in the last day')
  })

  it('gives way to a cause that is found later', () => {
    const { causes } = told({ seen: (second) => (second < 32 ? calm(second) : stuck(second)), until: 50 })
    expect(causes.map(({ cause }) => cause.kind)).toEqual(['unknown', 'index-dropped-by-release'])
  })
})

describe('what it says again', () => {
  it('nothing, while the cause is the same, also when the alert comes back', () => {
    const also: Story['also'] = (second, event) => {
      if (second % 30 === 25)
        return [event(second, 'alert.resolved', { rule: 'error-rate', severity: 'critical', value: 0, message: '' })]
      return second % 30 === 5 && second > 20 ? [event(second, 'alert.fired', alert)] : []
    }
    expect(told({ also, until: 200 }).causes).toHaveLength(1)
  })

  it('nothing without an alert', () => {
    expect(told({ until: 18 }).causes).toEqual([])
  })

  it('little, though the suspects change without end', () => {
    const seen = (second: number) =>
      stuck(second, LIST.replace('pt.id,', `pt.id, pt.column_${Math.floor(second / 3)},`))
    const { causes, asked } = told({ seen, migrations: [], until: 300 })
    expect(causes.length).toBeLessThanOrEqual(MAX_NAMINGS)
    expect(asked.length).toBeLessThanOrEqual(12)
  })

  it('is taken from the ledger after a restart', () => {
    const { first } = told()
    const monitor = diagnosisMonitor({ service: SERVICE })
    const event = ledger()
    if (first === undefined) throw new Error('no cause was named')
    const restarted = monitor.note(monitor.initial, event(1, 'cause.named', first))
    expect(restarted.named).toMatchObject({ kind: 'index-dropped-by-release' })
    expect(at(0)).toBeGreaterThan(0)
  })
})
