/**
 * The payment service's outage of 2024-03-15: release 2.3.1 drops an index and exhausts the connection pool.
 * Times, people and commands are those of the published postmortem; the wording is ours.
 */
import { releaseId, serviceName } from '../../../base/units.ts'
import type { PersonAction, Script } from '../script.ts'

const alice = 'Alice Johnson (on call)'
const bob = 'Bob Smith (tech lead)'

const investigation: readonly PersonAction[] = [
  { at: '14:34', by: alice, do: 'acknowledge' },
  {
    at: '14:36',
    by: alice,
    do: 'note',
    text: 'Opened the incident channel #incident-2024-03-15-payment',
    links: ['https://company.slack.com/archives/incident-2024-03-15-payment'],
  },
  { at: '14:36', by: alice, do: 'assign-role', role: 'Incident Commander', to: 'Alice Johnson' },
  {
    at: '14:37',
    by: alice,
    do: 'finding',
    text: 'Service logs show requests that cannot get a database connection',
    rootCause: false,
  },
  {
    at: '14:39',
    by: alice,
    do: 'finding',
    text: 'On another dashboard: the connection pool is full and slow queries on payment_transactions',
    rootCause: false,
  },
  { at: '14:42', by: bob, do: 'assign-role', role: 'Tech Lead', to: 'Bob Smith' },
  { at: '14:44', by: bob, do: 'finding', text: 'The slow query came with release 2.3.1', rootCause: false },
  {
    at: '14:47',
    by: bob,
    do: 'finding',
    text: 'The index on payment_transactions.created_at has been missing since the migration of 2.3.1',
    rootCause: true,
  },
  { at: '14:50', by: alice, do: 'set-severity', severity: 'SEV-2' },
  { at: '14:50', by: alice, do: 'notice', audience: 'management', text: 'Escalated to the Engineering Manager' },
]

const mitigation: readonly PersonAction[] = [
  {
    at: '14:52',
    by: bob,
    do: 'build-index',
    index: 'idx_payment_transactions_created_at',
    table: 'payment_transactions',
    sql: 'CREATE INDEX CONCURRENTLY idx_payment_transactions_created_at ON payment_transactions(created_at)',
    words: {
      attempt: 1,
      action: 'Build the missing index on the running database',
      command: 'CREATE INDEX CONCURRENTLY idx_payment_transactions_created_at ON payment_transactions(created_at);',
      hypothesis: 'With an index on created_at the query is fast again',
      expected: 'Ready in 45 minutes, by estimate',
      observeAfterMinutes: 12,
    },
  },
  {
    at: '15:05',
    by: alice,
    do: 'resize-pool',
    from: 100,
    to: 150,
    words: {
      attempt: 2,
      action: 'Raise the connection pool from 100 to 150',
      command: 'Edit the ConfigMap and restart the pods',
      hypothesis: 'More connections let more requests through',
      expected: 'The error rate falls below the threshold',
      observeAfterMinutes: 12,
    },
  },
  {
    at: '15:20',
    by: alice,
    do: 'scale',
    from: 3,
    to: 8,
    words: {
      attempt: 3,
      action: 'Scale the service from 3 to 8 replicas',
      command: 'kubectl scale deployment/payment-service --replicas=8',
      hypothesis: 'More replicas share the load',
      expected: 'The error rate falls below the threshold',
      observeAfterMinutes: 12,
    },
  },
  {
    at: '15:35',
    by: alice,
    do: 'decide-rollback',
    reason: 'Three attempts have not ended the outage; 2.3.0 was stable',
  },
  {
    at: '15:37',
    by: alice,
    do: 'roll-back',
    reason: 'Back to 2.3.0, the release before',
    words: {
      attempt: 4,
      action: 'Roll back to 2.3.0',
      command: 'kubectl rollout undo deployment/payment-service',
      hypothesis: 'The release brought the fault, so the release before is free of it',
      expected: 'The error rate returns to normal',
      observeAfterMinutes: 13,
    },
  },
]

const recovery: readonly PersonAction[] = [
  { at: '16:32', by: bob, do: 'release', release: releaseId('2.3.2') },
  { at: '16:45', by: bob, do: 'drain-queue' },
  { at: '16:47', by: alice, do: 'resolve', text: 'All systems normal' },
  { at: '16:50', by: alice, do: 'notice', audience: 'stakeholders', text: 'The incident is resolved' },
]

export const paymentPoolExhaustion: Script = {
  id: 'payment-pool-exhaustion',
  title: 'Payment Service: database connection pool exhausted by release 2.3.1',
  service: serviceName('payment-service'),
  start: '2024-03-15T14:05:00.000Z',
  deployAt: '14:15',
  endAt: '16:52',
  guardedMinutes: 90,
  stable: releaseId('2.3.0'),
  bad: releaseId('2.3.1'),
  fix: releaseId('2.3.2'),
  probe: {
    without: 'DROP INDEX idx_payment_transactions_created_at',
    sql: `SELECT pt.id, pt.order_id, pt.amount_cents, pt.created_at, cd.name, od.sku
      FROM payment_transactions pt
      LEFT JOIN customer_data cd ON pt.customer_id = cd.id
      LEFT JOIN order_details od ON pt.order_id = od.id
      WHERE pt.status = 'pending'
      ORDER BY pt.created_at DESC`,
  },
  replicas: 3,
  poolTotal: 100,
  links: [
    'https://github.com/company/payment-service/releases/tag/v2.3.1',
    'https://github.com/company/payment-service/pull/4521',
    'https://grafana.company.com/d/payment-service',
  ],
  people: [...investigation, ...mitigation, ...recovery],
}
