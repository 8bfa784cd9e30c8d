/** A result as a check of the payments example gives it: 2.3.1 drops the index that the list of pending payments needs. */
import { answerChecklist } from '../../src/core/check/gate/checklist.ts'
import { DEFAULT_POLICY } from '../../src/core/check/gate/policy.ts'
import { verdictOf } from '../../src/core/check/gate/verdict.ts'
import type { CheckResult, PlanReport } from '../../src/core/check/result.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'

export const FILE = 'releases/2.3.1/migrations/0005_payment_review.sql'
const DROP = 'DROP INDEX idx_payment_transactions_created_at'
const BLAME = { file: FILE, line: 18, sql: DROP }

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

const listPending: PlanReport = {
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

const dailyTotals: PlanReport = {
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

const kept = (name: string, query: string, calls: number | null): PlanReport => ({
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

const notesOfPayment: PlanReport = {
  ...kept('ReviewNotes', 'SELECT note FROM payment_reviews WHERE payment_id = $1 ORDER BY created_at DESC', null),
  change: 'improved',
  costBefore: 2180,
  costAfter: 12.4,
  message: 'ReviewNotes (calls not counted) has a better plan.',
}

type Base = Omit<CheckResult, 'verdict' | 'why' | 'checklist'>

/** The verdict and the checklist follow from the rest, as in a check. */
export const judged = (base: Base): CheckResult => ({
  ...base,
  ...verdictOf(base, DEFAULT_POLICY),
  checklist: answerChecklist(base),
})

const statement = (
  ordinal: number,
  line: number,
  sql: string,
  more: Partial<CheckResult['migration'][number]>,
): CheckResult['migration'][number] => ({
  ordinal,
  file: FILE,
  line,
  sql,
  locks: [],
  rewritten: [],
  created: [],
  dropped: [],
  invalid: [],
  transaction: 0,
  work: 'instant',
  workOn: null,
  estimate: { lowMs: 0, highMs: 50, basis: 'changes the catalog only' },
  ...more,
})

/** Release 2.3.1: refused. */
export const REFUSED: CheckResult = judged({
  schema: 'https://premortem.dev/schema/check-1.json',
  release: '2.3.1',
  files: [FILE],
  findings: [
    {
      rule: 'drop-index-without-concurrently',
      severity: 'error',
      file: FILE,
      line: 18,
      column: 1,
      message:
        'DROP INDEX waits for every transaction on payment_transactions and holds off all that come after it. payment_transactions has 50,000,000 rows (11 GB). The ACCESS EXCLUSIVE lock blocks reads and writes for a moment, and from when it starts to wait for older transactions.',
      remedy: 'Write DROP INDEX CONCURRENTLY, alone in its file and outside of a transaction.',
    },
    {
      rule: 'drop-used-index',
      severity: 'warning',
      file: FILE,
      line: 18,
      column: 12,
      message: 'Production used idx_payment_transactions_created_at 1,785,600 times in the last 24 hours.',
      remedy: 'Keep it until its count of scans has stopped.',
    },
    {
      rule: 'missing-lock-timeout',
      severity: 'warning',
      file: FILE,
      line: 2,
      column: 1,
      message: 'ALTER TABLE waits for its lock without a limit; everything behind it waits too.',
      remedy: "Begin the file with SET lock_timeout = '2s'; and try again when it gives up.",
    },
    {
      rule: 'plan-regression',
      severity: 'error',
      file: FILE,
      line: 18,
      column: null,
      message: listPending.message,
      remedy: `Keep idx_payment_transactions_created_at: drop it only when no query needs it any more. Where it must go, build its replacement first: ${listPending.advice?.sql ?? ''};`,
    },
    {
      rule: 'plan-regression',
      severity: 'error',
      file: FILE,
      line: 18,
      column: null,
      message: dailyTotals.message,
      remedy: 'Keep idx_payment_transactions_created_at: drop it only when no query needs it any more.',
    },
    {
      rule: 'snapshot-old',
      severity: 'warning',
      file: null,
      line: null,
      column: null,
      message: 'The snapshot is 41 days old; production has grown and changed since 2024-02-03.',
      remedy: 'Take a new one: premortem snapshot --url …',
    },
  ],
  plans: [
    listPending,
    dailyTotals,
    notesOfPayment,
    kept('PaymentById', 'SELECT * FROM payment_transactions pt WHERE id = $1', 5200),
    kept('SettlePayment', "UPDATE payment_transactions pt SET status = 'settled' WHERE id = $1", 3100),
  ],
  rollbackSafety: {
    verdict: 'regressed',
    target: '2.3.0',
    broken: [
      {
        query: LIST_PENDING,
        name: 'ListPending',
        fingerprint: listPending.fingerprint,
        code: 'old',
        schema: 'new',
        kind: 'regressed',
        reason: 'reads all 50,000,000 rows of payment_transactions by Seq Scan',
        blamedOn: BLAME,
      },
    ],
    order: 'schema-first',
    sequence: [
      '1. Apply the migration.',
      '2. Release the new code, which needs it. The old code runs on the new schema, so going back is safe.',
    ],
  },
  unplanned: [
    {
      query: 'SELECT similarity(name, $1) FROM customer_data',
      name: 'FindCustomer',
      fingerprint: 'c0ffee0000000001',
      reason: 'function similarity(text, unknown) does not exist (42883)',
    },
  ],
  migration: [
    statement(
      0,
      2,
      'ALTER TABLE payment_transactions\n  ADD COLUMN reviewed_by text,\n  ADD COLUMN reviewed_at timestamptz',
      {
        locks: [{ relation: 'payment_transactions', mode: 'AccessExclusive' }],
      },
    ),
    statement(
      1,
      6,
      'CREATE TABLE payment_reviews (\n  id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n  payment_id bigint NOT NULL REFERENCES payment_transactions (id),\n  note text NOT NULL\n)',
      {
        locks: [{ relation: 'payment_transactions', mode: 'ShareRowExclusive' }],
        created: ['payment_reviews', 'payment_reviews_pkey'],
      },
    ),
    statement(2, 18, DROP, {
      locks: [
        { relation: 'payment_transactions', mode: 'AccessExclusive' },
        { relation: 'idx_payment_transactions_created_at', mode: 'AccessExclusive' },
      ],
      dropped: ['idx_payment_transactions_created_at'],
    }),
    statement(3, 21, 'CREATE INDEX idx_payment_reviews_payment_id ON payment_reviews (payment_id, created_at)', {
      created: ['idx_payment_reviews_payment_id'],
      work: 'index-build',
      workOn: 'payment_reviews',
    }),
  ],
  unusedIndexes: [
    {
      index: 'idx_payment_transactions_status',
      table: 'payment_transactions',
      bytes: 348_000_000,
      why: 'no scan since the statistics were reset 24 hours ago, and no query of the workload uses it',
    },
  ],
  skipped: [{ object: 'extension pg_trgm', reason: 'the embedded server does not have it' }],
  missing: [
    {
      what: 'texts of statements of other users',
      why: 'permission denied for pg_stat_statements',
      grant: 'GRANT pg_read_all_stats TO premortem',
    },
  ],
  assumptions: [
    'The snapshot was taken on 2024-02-03.',
    'Migrations up to 0004_foreign_keys.sql are in production already, as the snapshot says.',
  ],
  timings: { lint: 180, phantom: 2100, plans: 1420, rollback: 640, total: 4400 },
})

/** Release 2.3.2: passes. */
export const PASSED: CheckResult = judged({
  ...REFUSED,
  release: '2.3.2',
  files: ['releases/2.3.2/migrations/0006_payment_transactions_created_at.sql'],
  findings: [],
  plans: REFUSED.plans.filter((plan) => !plan.regressed),
  rollbackSafety: {
    verdict: 'safe',
    target: '2.3.0',
    broken: [],
    order: 'any',
    sequence: ['Schema and code may go out in any order: each release runs on both schemas.'],
  },
  unplanned: [],
  migration: [],
  unusedIndexes: [],
  skipped: [],
  missing: [],
  assumptions: ['The snapshot was taken on 2024-03-14.'],
})
