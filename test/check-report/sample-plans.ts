/** Queries of the payments example with their plans before and after 2.3.1, as a check reports them. */
import type { PlanReport } from '../../src/core/check/result.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'

export const FILE = 'releases/2.3.1/migrations/0005_payment_review.sql'
export const DROP = 'DROP INDEX idx_payment_transactions_created_at'
export const BLAME = { file: FILE, line: 18, sql: DROP }

export const LIST_PENDING = `SELECT pt.id, pt.order_id AS "orderId", pt.amount_cents AS "amountCents", pt.created_at AS "createdAt",
       cd.name AS customer, od.sku
FROM payment_transactions pt
LEFT JOIN customer_data cd ON pt.customer_id = cd.id
LEFT JOIN order_details od ON pt.order_id = od.id
WHERE pt.status = 'pending'
ORDER BY pt.created_at DESC
LIMIT 100`

const lookup = (table: string, alias: string, condition: string): PlanNode => ({
  'Node Type': 'Index Scan',
  'Relation Name': table,
  Alias: alias,
  'Index Name': `${table}_pkey`,
  'Index Cond': `(${condition})`,
  'Total Cost': 8.44,
  'Plan Rows': 1,
})

const joined = (inner: PlanNode, cost: number, rows: number): PlanNode => ({
  'Node Type': 'Nested Loop',
  'Join Type': 'Left',
  'Total Cost': cost,
  'Plan Rows': rows,
  Plans: [
    {
      'Node Type': 'Nested Loop',
      'Join Type': 'Left',
      'Total Cost': cost * 0.9,
      'Plan Rows': rows,
      Plans: [inner, lookup('customer_data', 'cd', 'id = pt.customer_id')],
    },
    lookup('order_details', 'od', 'id = pt.order_id'),
  ],
})

const LIST_BEFORE: PlanNode = {
  'Node Type': 'Limit',
  'Total Cost': 1244.6,
  'Plan Rows': 100,
  Plans: [
    joined(
      {
        'Node Type': 'Index Scan',
        'Scan Direction': 'Backward',
        'Relation Name': 'payment_transactions',
        Alias: 'pt',
        'Index Name': 'idx_payment_transactions_created_at',
        Filter: "(status = 'pending'::text)",
        'Total Cost': 3120,
        'Plan Rows': 9703,
      },
      120_400,
      9703,
    ),
  ],
}

const LIST_AFTER: PlanNode = {
  'Node Type': 'Limit',
  'Total Cost': 1_398_411,
  'Plan Rows': 100,
  Plans: [
    {
      'Node Type': 'Sort',
      'Sort Key': ['pt.created_at DESC'],
      'Total Cost': 1_398_404,
      'Plan Rows': 9703,
      Plans: [
        joined(
          {
            'Node Type': 'Seq Scan',
            'Relation Name': 'payment_transactions',
            Alias: 'pt',
            Filter: "(status = 'pending'::text)",
            'Total Cost': 1_316_667,
            'Plan Rows': 9703,
          },
          1_397_500,
          9703,
        ),
      ],
    },
  ],
}

export const listPending: PlanReport = {
  query: LIST_PENDING,
  name: 'ListPending',
  fingerprint: 'a1b2c3d4e5f60718',
  callsPerMinute: 1240,
  change: 'index-to-seq-scan',
  regressed: true,
  costBefore: 1244.6,
  costAfter: 1_398_411,
  variant: 'generic',
  values: [],
  weightedCostBefore: null,
  weightedCostAfter: null,
  estimatedMs: { before: 63, after: 8200, error: 'within a factor of 2' },
  holds: 'always',
  blamedOn: BLAME,
  fragility: 0,
  planBefore: LIST_BEFORE,
  planAfter: LIST_AFTER,
  advice: {
    sql: "CREATE INDEX CONCURRENTLY idx_payment_transactions_pending_created_at ON payment_transactions (created_at) WHERE status = 'pending'",
    why: 'It gives the rows in the order that is asked for, and only those that are pending.',
    costWithout: 1_398_411,
    costWith: 812,
    bytes: 224_000,
    buildMs: { low: 80_000, high: 420_000 },
    writesPerMinute: 3100,
  },
  remarks: ['The size of the proposed index is modelled.'],
  message:
    'ListPending (1,240 calls/min) reads all 50,000,000 rows of payment_transactions by Seq Scan; before, idx_payment_transactions_created_at gave it 9,703. Cost 1,245 → 1,398,411 (×1124), about 63 ms → 4.1 s to 16.4 s. Since releases/2.3.1/migrations/0005_payment_review.sql:18, which drops idx_payment_transactions_created_at.',
}

export const dailyTotals: PlanReport = {
  ...listPending,
  query: 'SELECT count(*), sum(amount_cents) FROM payment_transactions WHERE created_at >= $1 AND created_at < $2',
  name: null,
  fingerprint: 'b7c8d9e0f1a2b3c4',
  callsPerMinute: 2,
  costBefore: 8200,
  costAfter: 1_566_700,
  variant: 'median',
  values: ['2024-03-14 00:00:00+00', '2024-03-15 00:00:00+00'],
  weightedCostBefore: 8350,
  weightedCostAfter: 1_566_700,
  estimatedMs: null,
  planBefore: {
    'Node Type': 'Aggregate',
    'Total Cost': 8200,
    'Plan Rows': 1,
    Plans: [
      {
        'Node Type': 'Index Scan',
        'Relation Name': 'payment_transactions',
        'Index Name': 'idx_payment_transactions_created_at',
        'Index Cond': "((created_at >= '2024-03-14 00:00:00+00') AND (created_at < '2024-03-15 00:00:00+00'))",
        'Total Cost': 7900,
        'Plan Rows': 68_000,
      },
    ],
  },
  planAfter: {
    'Node Type': 'Finalize Aggregate',
    'Total Cost': 1_566_700,
    'Plan Rows': 1,
    Plans: [
      {
        'Node Type': 'Gather',
        'Total Cost': 1_566_600,
        'Plan Rows': 2,
        Plans: [
          {
            'Node Type': 'Seq Scan',
            'Relation Name': 'payment_transactions',
            Filter: "((created_at >= '2024-03-14 00:00:00+00') AND (created_at < '2024-03-15 00:00:00+00'))",
            'Total Cost': 1_566_500,
            'Plan Rows': 28_333,
          },
        ],
      },
    ],
  },
  advice: null,
  remarks: [],
  message:
    '`SELECT count(*), sum(amount_cents) FROM payment_transactions WHERE cr…` (2 calls/min) reads all 50,000,000 rows of payment_transactions by Seq Scan; before, idx_payment_transactions_created_at gave it 68,000. Cost 8,200 → 1,566,700 (×191) with median values. Since releases/2.3.1/migrations/0005_payment_review.sql:18, which drops idx_payment_transactions_created_at.',
}

export const kept = (name: string, query: string, calls: number | null): PlanReport => ({
  ...listPending,
  query,
  name,
  fingerprint: `f${name.toLowerCase()}`,
  callsPerMinute: calls,
  change: 'none',
  regressed: false,
  costBefore: 8.58,
  costAfter: 8.58,
  estimatedMs: null,
  blamedOn: null,
  planBefore: lookup('payment_transactions', 'pt', 'id = $1'),
  planAfter: lookup('payment_transactions', 'pt', 'id = $1'),
  advice: null,
  remarks: [],
  message: `${name} keeps its plan or costs about the same.`,
})

export const notesOfPayment: PlanReport = {
  ...kept('ReviewNotes', 'SELECT note FROM payment_reviews WHERE payment_id = $1 ORDER BY created_at DESC', null),
  change: 'improved',
  costBefore: 2180,
  costAfter: 12.4,
  message: 'ReviewNotes (calls not counted) has a better plan.',
}
