/** Hand-made ledgers of both acts, shaped like those of a real drill: what documents and reports are tested with. */
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

const alice: Source = { kind: 'person', name: 'Alice Johnson (on call)' }
const bob: Source = { kind: 'person', name: 'Bob Smith (tech lead)' }
const premortem: Source = { kind: 'premortem', name: 'alerts' }
const platform: Source = { kind: 'platform', name: 'processes' }
const client: Source = { kind: 'client', name: 'traffic' }

/** Collects facts at minutes of the incident (14:05 = 0) and numbers them as a ledger does. */
function ledger(act: Act) {
  const clock = clockOf(act)
  const facts: NewEvent[] = []
  const at = (minute: number): EpochMs => epochMs(clock.startedAt + minute * clock.pace)
  return {
    add<T extends FactType>(minute: number, source: Source, type: T, data: Facts[T]) {
      facts.push(fact(at(minute), source, type, data))
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

type Ledger = ReturnType<typeof ledger>

export const INDEX = {
  name: 'idx_payment_transactions_created_at',
  table: 'payment_transactions',
  definition:
    'CREATE INDEX idx_payment_transactions_created_at ON public.payment_transactions USING btree (created_at)',
}
export const MIGRATION = 'examples/payments/releases/2.3.1/migrations/0005_payment_review.sql'
export const STATEMENT =
  'SELECT * FROM payment_transactions pt LEFT JOIN customer_data cd ON pt.customer_id = cd.id LEFT JOIN order_details od ON pt.order_id = od.id WHERE pt.status = $1 ORDER BY pt.created_at DESC'

function release(book: Ledger, act: Act) {
  const guarded = act === 'guarded'
  book.add(0, premortem, 'act.started', {
    act,
    scenario: 'payment-pool-exhaustion',
    paceMs: ms(1000),
    scenarioStart: '2024-03-15T14:05:00.000Z',
  })
  book.add(0.2, platform, 'replicas.started', { release: GOOD, replicas: 3, poolMaxPerReplica: 34 })
  book.add(10, bob, 'release.requested', {
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
  book.add(10.3, platform, 'migration.applied', {
    release: BAD,
    file: MIGRATION,
    line: 12,
    sql: 'DROP INDEX idx_payment_transactions_created_at;',
    took: ms(14),
    dropped: [INDEX],
    created: [],
  })
  book.add(11.4, platform, 'replicas.started', { release: BAD, replicas: 3, poolMaxPerReplica: 34 })
  book.add(11.6, platform, 'weights.set', {
    weights: guarded
      ? [
          { release: GOOD, weight: percent(90) },
          { release: BAD, weight: percent(10) },
        ]
      : [{ release: BAD, weight: percent(100) }],
  })
}

function alert(
  book: Ledger,
  minute: number,
  rule: string,
  values: {
    value: number
    threshold: number
    unit: string
    message: string
    severity: 'warning' | 'critical'
    release?: typeof BAD
  },
) {
  book.add(minute, premortem, 'alert.fired', { rule, release: null, ...values })
}

function cause(book: Ledger, minute: number) {
  book.add(minute, { kind: 'premortem', name: 'diagnosis' }, 'cause.named', {
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

function investigation(book: Ledger) {
  alert(book, 27, 'error-rate', {
    value: 8.3,
    threshold: 5,
    unit: '%',
    severity: 'critical',
    message: 'Error rate of payment-service is 8.3 % (5 of 60 requests) for 1 s',
  })
  book.add(27, premortem, 'incident.opened', {
    incident: 'INC-1',
    title: 'payment-service: error rate above 5 %',
    because: eventId(SERVICE, 8),
  })
  book.add(29, alice, 'incident.acknowledged', { incident: 'INC-1', by: 'Alice Johnson' })
  book.add(31, alice, 'incident.note', {
    text: 'Opened the incident channel #incident-2024-03-15-payment',
    links: ['https://company.slack.com/archives/incident-2024-03-15-payment'],
  })
  book.add(31, alice, 'incident.role-assigned', { incident: 'INC-1', role: 'Incident Commander', to: 'Alice Johnson' })
  book.add(32, alice, 'finding.made', {
    text: 'Service logs show requests that cannot get a database connection',
    rootCause: false,
  })
  book.add(34, alice, 'finding.made', {
    text: 'The pool is full; slow queries on payment_transactions',
    rootCause: false,
  })
  book.add(37, bob, 'incident.role-assigned', { incident: 'INC-1', role: 'Tech Lead', to: 'Bob Smith' })
  book.add(39, bob, 'finding.made', { text: 'The slow query came with release 2.3.1', rootCause: false })
  book.add(42, bob, 'finding.made', {
    text: 'The index on payment_transactions.created_at has been missing since the migration of 2.3.1',
    rootCause: true,
  })
  book.add(45, alice, 'incident.severity-set', { incident: 'INC-1', severity: 'SEV-2' })
  book.add(45, alice, 'notice.sent', { audience: 'management', text: 'Escalated to the Engineering Manager' })
}

function attempts(book: Ledger) {
  const sql = 'CREATE INDEX CONCURRENTLY idx_payment_transactions_created_at ON payment_transactions(created_at)'
  book.add(47, bob, 'attempt.started', {
    attempt: 1,
    action: 'Build the missing index on the running database',
    command: `${sql};`,
    hypothesis: 'With an index on created_at the query is fast again',
    expected: 'Ready in 45 minutes, by estimate',
  })
  book.add(47, bob, 'index.build-started', { index: INDEX.name, table: INDEX.table, sql })
  book.add(59, bob, 'attempt.finished', {
    attempt: 1,
    observed: 'Not finished by then. Error rate 9.1 % before, 9.4 % after; pool 100/100.',
    helped: 'no',
  })
  book.add(60, alice, 'attempt.started', {
    attempt: 2,
    action: 'Raise the connection pool from 100 to 150',
    command: 'Edit the ConfigMap and restart the pods',
    hypothesis: 'More connections let more requests through',
    expected: 'The error rate falls below the threshold',
  })
  book.add(61, platform, 'config.changed', { key: 'pool.max', from: '100', to: '150', restarted: true })
  book.add(72, alice, 'attempt.finished', {
    attempt: 2,
    observed: 'Error rate 9.4 % before, 6.2 % after; pool 150/150.',
    helped: 'partly',
  })
  book.add(75, alice, 'attempt.started', {
    attempt: 3,
    action: 'Scale the service from 3 to 8 replicas',
    command: 'kubectl scale deployment/payment-service --replicas=8',
    hypothesis: 'More replicas share the load',
    expected: 'The error rate falls below the threshold',
  })
  book.add(75.6, platform, 'service.scaled', { from: 3, to: 8 })
  book.add(87, alice, 'attempt.finished', {
    attempt: 3,
    observed: 'Error rate 6.2 % before, 14.8 % after; pool 400/400.',
    helped: 'worse',
  })
  book.add(90, alice, 'release.abort-requested', {
    release: BAD,
    reason: 'Three attempts have not ended the outage; 2.3.0 was stable',
  })
  book.add(92, alice, 'attempt.started', {
    attempt: 4,
    action: 'Roll back to 2.3.0',
    command: 'kubectl rollout undo deployment/payment-service',
    hypothesis: 'The release brought the fault, so the release before is free of it',
    expected: 'The error rate returns to normal',
  })
  book.add(94, platform, 'weights.set', {
    weights: [
      { release: GOOD, weight: percent(100) },
      { release: BAD, weight: percent(0) },
    ],
  })
  book.add(95, platform, 'replicas.stopped', { release: BAD, replicas: 8 })
  book.add(95, platform, 'release.rolled-back', { release: BAD, to: GOOD })
  book.add(105, alice, 'attempt.finished', {
    attempt: 4,
    observed: 'Error rate 14.8 % before, 0 % after; pool 41/150.',
    helped: 'yes',
  })
  book.add(97, platform, 'index.build-finished', {
    index: INDEX.name,
    table: INDEX.table,
    took: ms(50_000),
    valid: true,
    error: null,
  })
}

/** The ledger of the act as it happened. */
export function unguardedLedger(): readonly LedgerEvent[] {
  const book = ledger('unguarded')
  release(book, 'unguarded')
  investigation(book)
  attempts(book)
  book.add(99, premortem, 'alert.resolved', {
    rule: 'error-rate',
    severity: 'critical',
    value: 0.2,
    message: 'Error rate of payment-service is 0.2 % for 5 s',
  })
  book.add(147, bob, 'release.requested', {
    release: FIX,
    previous: GOOD,
    steps: [100],
    automaticRollback: false,
    replicas: 3,
    poolMaxPerReplica: 50,
    overridden: [],
    links: [],
  })
  book.add(150, platform, 'release.promoted', { release: FIX })
  book.add(160, bob, 'queue.drained', { processed: 212, remaining: 0, took: ms(1400) })
  book.add(162, alice, 'incident.resolved', { incident: 'INC-1', why: 'All systems normal' })
  book.add(165, alice, 'notice.sent', { audience: 'stakeholders', text: 'The incident is resolved' })
  book.add(167, client, 'traffic.counted', {
    sent: 9902,
    succeeded: 9240,
    failed: 640,
    dropped: 22,
    failedPayments: 418,
    delayedPayments: 231,
    recoveredPayments: 17,
  })
  book.add(168, premortem, 'reconciliation.finished', {
    told: 3120,
    settled: 3098,
    failed: 14,
    refunded: 8,
    open: 0,
    lost: 0,
    double: 0,
  })
  book.add(168, premortem, 'act.finished', { act: 'unguarded' })
  return book.events()
}

/** The ledger of the act under premortem's guards. */
export function guardedLedger(): readonly LedgerEvent[] {
  const book = ledger('guarded')
  release(book, 'guarded')
  alert(book, 15.5, 'database-time-per-request', {
    value: 412,
    threshold: 21,
    unit: 'ms per request',
    severity: 'warning',
    release: BAD,
    message: 'Database time per request of payment-service@2.3.1 is 412 ms (2.1 ms on 2.3.0) for 1 s',
  })
  book.add(15.5, premortem, 'incident.opened', {
    incident: 'INC-2',
    title: 'payment-service: release 2.3.1 costs 196 times the database time of 2.3.0',
    because: eventId(SERVICE, 7),
  })
  alert(book, 17, 'slow-queries', {
    value: 60,
    threshold: 10,
    unit: 'queries per minute',
    severity: 'warning',
    message: 'payment-service runs 60 queries per minute that take longer than 2 s (3 in 3 s)',
  })
  cause(book, 18)
  const why = [
    'database time per request of 2.3.1 is 412 ms against 2.1 ms on 2.3.0, 196 times, over 3 s',
    'pool utilisation of 2.3.1 is 94 %',
  ]
  book.add(19, { kind: 'premortem', name: 'judge' }, 'release.judged', {
    release: BAD,
    verdict: 'bad',
    rule: 'database-time',
    why,
  })
  book.add(19.1, { kind: 'premortem', name: 'release' }, 'release.rollback-decided', { release: BAD, to: GOOD, why })
  book.add(19.1, { kind: 'premortem', name: 'release' }, 'decision.made', {
    decider: 'release',
    because: eventId(SERVICE, 12),
    why,
    commands: ['weights.set', 'replicas.stop'],
  })
  book.add(19.4, platform, 'weights.set', {
    weights: [
      { release: GOOD, weight: percent(100) },
      { release: BAD, weight: percent(0) },
    ],
  })
  book.add(21, platform, 'replicas.stopped', { release: BAD, replicas: 3 })
  book.add(21, platform, 'release.rolled-back', { release: BAD, to: GOOD })
  book.add(24, premortem, 'incident.mitigated', { incident: 'INC-2', why: 'All traffic is on 2.3.0, p95 4 ms for 3 s' })
  book.add(32, premortem, 'incident.resolved', { incident: 'INC-2', why: 'Error rate 0 % and p95 5 ms for 10 s' })
  book.add(70, client, 'traffic.counted', {
    sent: 4200,
    succeeded: 4189,
    failed: 11,
    dropped: 0,
    failedPayments: 6,
    delayedPayments: 9,
    recoveredPayments: 1,
  })
  book.add(70.5, premortem, 'reconciliation.finished', {
    told: 1301,
    settled: 1301,
    failed: 0,
    refunded: 0,
    open: 0,
    lost: 0,
    double: 0,
  })
  book.add(70.5, premortem, 'act.finished', { act: 'guarded' })
  return book.events()
}
