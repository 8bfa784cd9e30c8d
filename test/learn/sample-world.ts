/** The world of the hand-made drill: names, clocks, people, and the events that both acts share. */
import { eventId } from '../../src/base/ids.ts'
import { type EpochMs, epochMs, ms } from '../../src/base/time.ts'
import { percent, releaseId, serviceName } from '../../src/base/units.ts'
import { type Facts, type FactType, fact, type LedgerEvent, type NewEvent, type Source } from '../../src/core/events.ts'
import type { Act, ScenarioClock } from '../../src/core/rehearse/scenario.ts'

export const SERVICE = serviceName('payment-service')
export const GOOD = releaseId('2.3.0')
export const BAD = releaseId('2.3.1')
export const FIX = releaseId('2.3.2')

export const clockOf = (act: Act): ScenarioClock => ({
  startedAt: epochMs(Date.parse('2026-03-01T10:15:00.000Z') + (act === 'unguarded' ? 0 : 240_000)),
  scenarioStart: '2024-03-15T14:05:00.000Z',
  pace: ms(1000),
})

export const alice: Source = { kind: 'person', name: 'Alice Johnson (on call)' }
export const bob: Source = { kind: 'person', name: 'Bob Smith (tech lead)' }
export const premortem: Source = { kind: 'premortem', name: 'alerts' }
export const platform: Source = { kind: 'platform', name: 'processes' }
export const client: Source = { kind: 'client', name: 'traffic' }

/** Collects facts at minutes of the incident (14:05 = 0) and numbers them as a ledger does. */
export function ledger(act: Act) {
  const clock = clockOf(act)
  const facts: NewEvent[] = []
  const at = (minute: number): EpochMs => epochMs(clock.startedAt + minute * clock.pace)
  return {
    add<T extends FactType>([minute, source]: readonly [number, Source], type: T, data: Facts[T]) {
      facts.push(fact({ at: at(minute), source }, type, data))
    },
    events: (): readonly LedgerEvent[] =>
      [...facts]
        .sort((a, b) => a.at - b.at)
        .map((event, place) => ({
          ...event,
          environment: `drill-20260301T101500-${act}`,
          service: SERVICE,
          sequence: place + 1,
          id: eventId(SERVICE, place + 1),
        })),
  }
}

export type Ledger = ReturnType<typeof ledger>

export const INDEX = {
  name: 'idx_payment_transactions_created_at',
  table: 'payment_transactions',
  definition:
    'CREATE INDEX idx_payment_transactions_created_at ON public.payment_transactions USING btree (created_at)',
}
export const MIGRATION = 'examples/payments/releases/2.3.1/migrations/0005_payment_review.sql'
export const STATEMENT =
  'SELECT * FROM payment_transactions pt LEFT JOIN customer_data cd ON pt.customer_id = cd.id LEFT JOIN order_details od ON pt.order_id = od.id WHERE pt.status = $1 ORDER BY pt.created_at DESC'

export function release(book: Ledger, act: Act) {
  const guarded = act === 'guarded'
  book.add([0, premortem], 'act.started', {
    act,
    scenario: 'payment-pool-exhaustion',
    paceMs: ms(1000),
    scenarioStart: '2024-03-15T14:05:00.000Z',
  })
  book.add([0.2, platform], 'replicas.started', { release: GOOD, replicas: 3, poolMaxPerReplica: 34 })
  book.add([10, bob], 'release.requested', {
    release: BAD,
    previous: GOOD,
    steps: guarded ? [10, 50, 100] : [100],
    automaticRollback: guarded,
    replicas: 3,
    poolMaxPerReplica: 34,
    overridden: guarded
      ? ['plan-regression: the list of pending payments loses its index; overridden for the drill']
      : [],
    links: [
      'https://github.com/company/payment-service/releases/tag/v2.3.1',
      'https://github.com/company/payment-service/pull/4521',
    ],
  })
  book.add([10.3, platform], 'migration.applied', {
    release: BAD,
    file: MIGRATION,
    line: 12,
    sql: 'DROP INDEX idx_payment_transactions_created_at;',
    took: ms(14),
    dropped: [INDEX],
    created: [],
  })
  book.add([11.4, platform], 'replicas.started', { release: BAD, replicas: 3, poolMaxPerReplica: 34 })
  book.add([11.6, platform], 'weights.set', {
    weights: guarded
      ? [
          { release: GOOD, weight: percent(90) },
          { release: BAD, weight: percent(10) },
        ]
      : [{ release: BAD, weight: percent(100) }],
  })
}

export function alert(
  book: Ledger,
  minute: number,
  values: {
    rule: string
    value: number
    threshold: number
    unit: string
    message: string
    severity: 'warning' | 'critical'
    release?: typeof BAD
  },
) {
  book.add([minute, premortem], 'alert.fired', { release: null, ...values })
}

export function cause(book: Ledger, minute: number) {
  book.add([minute, { kind: 'premortem', name: 'diagnosis' }], 'cause.named', {
    kind: 'index-dropped-by-release',
    summary:
      'Release 2.3.1 dropped idx_payment_transactions_created_at on payment_transactions; the list of pending payments now reads the whole table and holds its connection for 6.2 s',
    score: 0.94,
    release: BAD,
    statement: STATEMENT,
    fingerprint: '7f4cc90a6e3ab8df',
    index: INDEX,
    migrationFile: MIGRATION,
    migrationLine: 12,
    plan: [
      'Sort  (cost=88214.77..88239.03 rows=9703 width=182)',
      '  Sort Key: pt.created_at DESC',
      '  ->  Hash Left Join  (cost=41172.00..87571.92 rows=9703 width=182)',
      '        ->  Seq Scan on payment_transactions pt  (cost=0.00..46328.00 rows=9703 width=98)',
      "              Filter: (status = 'pending'::text)",
    ],
    evidence: [
      '38 of 41 active sessions of payment-service@2.3.1 run this statement',
      'Its mean time went from 2.1 ms to 6,214 ms',
      'The migration of 2.3.1 dropped the index that the former plan used',
    ],
    refutedBy: ['The statement stays slow after the index is back'],
    advice: [
      'Roll back to 2.3.0: its statement has a LIMIT and another plan',
      'More replicas or a larger pool would only add load to the same scan',
    ],
  })
}
