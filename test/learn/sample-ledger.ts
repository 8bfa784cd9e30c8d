/** Hand-made ledgers of both acts, shaped like those of a real drill: what documents and reports are tested with. */
import { eventId } from '../../src/base/ids.ts'
import { ms } from '../../src/base/time.ts'
import { percent } from '../../src/base/units.ts'
import type { LedgerEvent } from '../../src/core/events.ts'
import {
  alert,
  alice,
  BAD,
  bob,
  cause,
  client,
  FIX,
  GOOD,
  INDEX,
  type Ledger,
  ledger,
  platform,
  premortem,
  release,
  SERVICE,
} from './sample-world.ts'

function investigation(book: Ledger) {
  alert(book, 27, {
    rule: 'error-rate',
    value: 8.3,
    threshold: 5,
    unit: '%',
    severity: 'critical',
    message: 'Error rate of payment-service is 8.3 % (5 of 60 requests) for 1 s',
  })
  book.add([27, premortem], 'incident.opened', {
    incident: 'INC-1',
    title: 'payment-service: error rate above 5 %',
    because: eventId(SERVICE, 8),
  })
  book.add([29, alice], 'incident.acknowledged', { incident: 'INC-1', by: 'Alice Johnson' })
  book.add([31, alice], 'incident.note', {
    text: 'Opened the incident channel #incident-2024-03-15-payment',
    links: ['https://company.slack.com/archives/incident-2024-03-15-payment'],
  })
  book.add([31, alice], 'incident.role-assigned', {
    incident: 'INC-1',
    role: 'Incident Commander',
    to: 'Alice Johnson',
  })
  book.add([32, alice], 'finding.made', {
    text: 'Service logs show requests that cannot get a database connection',
    rootCause: false,
  })
  book.add([34, alice], 'finding.made', {
    text: 'The pool is full; slow queries on payment_transactions',
    rootCause: false,
  })
  book.add([37, bob], 'incident.role-assigned', { incident: 'INC-1', role: 'Tech Lead', to: 'Bob Smith' })
  book.add([39, bob], 'finding.made', { text: 'The slow query came with release 2.3.1', rootCause: false })
  book.add([42, bob], 'finding.made', {
    text: 'The index on payment_transactions.created_at has been missing since the migration of 2.3.1',
    rootCause: true,
  })
  book.add([45, alice], 'incident.severity-set', { incident: 'INC-1', severity: 'SEV-2' })
  book.add([45, alice], 'notice.sent', { audience: 'management', text: 'Escalated to the Engineering Manager' })
}

function attempts(book: Ledger) {
  const sql = 'CREATE INDEX CONCURRENTLY idx_payment_transactions_created_at ON payment_transactions(created_at)'
  book.add([47, bob], 'attempt.started', {
    attempt: 1,
    action: 'Build the missing index on the running database',
    command: `${sql};`,
    hypothesis: 'With an index on created_at the query is fast again',
    expected: 'Ready in 45 minutes, by estimate',
  })
  book.add([47, bob], 'index.build-started', { index: INDEX.name, table: INDEX.table, sql })
  book.add([59, bob], 'attempt.finished', {
    attempt: 1,
    observed: 'Not finished by then. Error rate 9.1 % before, 9.4 % after; pool 100/100.',
    helped: 'no',
  })
  book.add([60, alice], 'attempt.started', {
    attempt: 2,
    action: 'Raise the connection pool from 100 to 150',
    command: 'Edit the ConfigMap and restart the pods',
    hypothesis: 'More connections let more requests through',
    expected: 'The error rate falls below the threshold',
  })
  book.add([61, platform], 'config.changed', { key: 'pool.max', from: '100', to: '150', restarted: true })
  book.add([72, alice], 'attempt.finished', {
    attempt: 2,
    observed: 'Error rate 9.4 % before, 6.2 % after; pool 150/150.',
    helped: 'partly',
  })
  book.add([75, alice], 'attempt.started', {
    attempt: 3,
    action: 'Scale the service from 3 to 8 replicas',
    command: 'kubectl scale deployment/payment-service --replicas=8',
    hypothesis: 'More replicas share the load',
    expected: 'The error rate falls below the threshold',
  })
  book.add([75.6, platform], 'service.scaled', { from: 3, to: 8 })
  book.add([87, alice], 'attempt.finished', {
    attempt: 3,
    observed: 'Error rate 6.2 % before, 14.8 % after; pool 400/400.',
    helped: 'worse',
  })
}

function rollBack(book: Ledger) {
  book.add([90, alice], 'release.abort-requested', {
    release: BAD,
    reason: 'Three attempts have not ended the outage; 2.3.0 was stable',
  })
  book.add([92, alice], 'attempt.started', {
    attempt: 4,
    action: 'Roll back to 2.3.0',
    command: 'kubectl rollout undo deployment/payment-service',
    hypothesis: 'The release brought the fault, so the release before is free of it',
    expected: 'The error rate returns to normal',
  })
  book.add([94, platform], 'weights.set', {
    weights: [
      { release: GOOD, weight: percent(100) },
      { release: BAD, weight: percent(0) },
    ],
  })
  book.add([95, platform], 'replicas.stopped', { release: BAD, replicas: 8 })
  book.add([95, platform], 'release.rolled-back', { release: BAD, to: GOOD })
  book.add([105, alice], 'attempt.finished', {
    attempt: 4,
    observed: 'Error rate 14.8 % before, 0 % after; pool 41/150.',
    helped: 'yes',
  })
  book.add([97, platform], 'index.build-finished', {
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
  rollBack(book)
  book.add([99, premortem], 'alert.resolved', {
    rule: 'error-rate',
    severity: 'critical',
    value: 0.2,
    message: 'Error rate of payment-service is 0.2 % for 5 s',
  })
  book.add([147, bob], 'release.requested', {
    release: FIX,
    previous: GOOD,
    steps: [100],
    automaticRollback: false,
    replicas: 3,
    poolMaxPerReplica: 50,
    overridden: [],
    links: [],
  })
  book.add([150, platform], 'release.promoted', { release: FIX })
  book.add([160, bob], 'queue.drained', { processed: 212, remaining: 0, took: ms(1400) })
  book.add([162, alice], 'incident.resolved', { incident: 'INC-1', why: 'All systems normal' })
  book.add([165, alice], 'notice.sent', { audience: 'stakeholders', text: 'The incident is resolved' })
  book.add([167, client], 'traffic.counted', {
    sent: 9902,
    succeeded: 9240,
    failed: 640,
    dropped: 22,
    failedPayments: 418,
    delayedPayments: 231,
    recoveredPayments: 17,
  })
  book.add([168, premortem], 'reconciliation.finished', {
    told: 3120,
    settled: 3098,
    failed: 14,
    refunded: 8,
    open: 0,
    lost: 0,
    double: 0,
  })
  book.add([168, premortem], 'act.finished', { act: 'unguarded' })
  return book.events()
}

function guardDecides(book: Ledger) {
  const why = [
    'database time per request of 2.3.1 is 412 ms against 2.1 ms on 2.3.0, 196 times, over 3 s',
    'pool utilisation of 2.3.1 is 94 %',
  ]
  book.add([19, { kind: 'premortem', name: 'judge' }], 'release.judged', {
    release: BAD,
    verdict: 'bad',
    rule: 'database-time',
    why,
  })
  book.add([19.1, { kind: 'premortem', name: 'release' }], 'release.rollback-decided', { release: BAD, to: GOOD, why })
  book.add([19.1, { kind: 'premortem', name: 'release' }], 'decision.made', {
    decider: 'release',
    because: eventId(SERVICE, 12),
    why,
    commands: ['weights.set', 'replicas.stop'],
  })
  book.add([19.4, platform], 'weights.set', {
    weights: [
      { release: GOOD, weight: percent(100) },
      { release: BAD, weight: percent(0) },
    ],
  })
  book.add([21, platform], 'replicas.stopped', { release: BAD, replicas: 3 })
  book.add([21, platform], 'release.rolled-back', { release: BAD, to: GOOD })
}

/** The ledger of the act under premortem's guards. */
export function guardedLedger(): readonly LedgerEvent[] {
  const book = ledger('guarded')
  release(book, 'guarded')
  alert(book, 15.5, {
    rule: 'database-time-per-request',
    value: 412,
    threshold: 21,
    unit: 'ms per request',
    severity: 'warning',
    release: BAD,
    message: 'Database time per request of payment-service@2.3.1 is 412 ms (2.1 ms on 2.3.0) for 1 s',
  })
  book.add([15.5, premortem], 'incident.opened', {
    incident: 'INC-2',
    title: 'payment-service: release 2.3.1 costs 196 times the database time of 2.3.0',
    because: eventId(SERVICE, 7),
  })
  alert(book, 17, {
    rule: 'slow-queries',
    value: 60,
    threshold: 10,
    unit: 'queries per minute',
    severity: 'warning',
    message: 'payment-service runs 60 queries per minute that take longer than 2 s (3 in 3 s)',
  })
  cause(book, 18)
  guardDecides(book)
  book.add([24, premortem], 'incident.mitigated', {
    incident: 'INC-2',
    why: 'All traffic is on 2.3.0, p95 4 ms for 3 s',
  })
  book.add([32, premortem], 'incident.resolved', { incident: 'INC-2', why: 'Error rate 0 % and p95 5 ms for 10 s' })
  book.add([70, client], 'traffic.counted', {
    sent: 4200,
    succeeded: 4189,
    failed: 11,
    dropped: 0,
    failedPayments: 6,
    delayedPayments: 9,
    recoveredPayments: 1,
  })
  book.add([70.5, premortem], 'reconciliation.finished', {
    told: 1301,
    settled: 1301,
    failed: 0,
    refunded: 0,
    open: 0,
    lost: 0,
    double: 0,
  })
  book.add([70.5, premortem], 'act.finished', { act: 'guarded' })
  return book.events()
}
