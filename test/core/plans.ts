import type { PlanNode } from '../../src/core/postgres/plan-node.ts'

/** The back office's list after its index was dropped, as PostgreSQL 18 explains it. */
export const PENDING_PLAN: PlanNode = {
  'Node Type': 'Sort',
  'Sort Key': ['pt.created_at DESC'],
  'Total Cost': 61_204.2,
  'Plan Rows': 9703,
  Plans: [
    {
      'Node Type': 'Hash Join',
      'Hash Cond': '(pt.customer_id = cd.id)',
      'Total Cost': 58_770,
      'Plan Rows': 9703,
      Plans: [
        {
          'Node Type': 'Seq Scan',
          'Relation Name': 'payment_transactions',
          Alias: 'pt',
          Filter: "(status = 'pending'::text)",
          'Total Cost': 41_667,
          'Plan Rows': 9703,
        },
        {
          'Node Type': 'Hash',
          'Total Cost': 4500,
          'Plan Rows': 200_000,
          Plans: [
            {
              'Node Type': 'Seq Scan',
              'Relation Name': 'customer_data',
              Alias: 'cd',
              'Total Cost': 4500,
              'Plan Rows': 200_000,
            },
          ],
        },
      ],
    },
  ],
}
