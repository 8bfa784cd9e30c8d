import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../test/lint/production.ts'
import { ExtraRefused } from '../extra-refused.ts'
import type { PlannedQuery, SchemaState } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import type { RelationSnapshot, WorkloadQuery } from '../snapshot.ts'
import { type AdviceRequest, advise } from './advise.ts'
import { catalogueOf } from './catalogue.ts'

const ROWS = 10_000_000
const payments: RelationSnapshot = {
  schema: 'public',
  name: 'payments',
  kind: 'r',
  table: null,
  method: null,
  relpages: 100_000,
  reltuples: ROWS,
  relallvisible: 0,
  pages: 100_000,
  height: null,
  scans: null,
  valid: true,
  columns: [],
}
const query: WorkloadQuery = {
  fingerprint: 'q',
  text: 'SELECT id FROM payments WHERE customer_id = $1 AND upper_name = $2',
  name: null,
  callsPerMinute: 100,
  meanMs: null,
  rows: null,
  role: null,
  source: 'pg_stat_statements',
  file: null,
  line: null,
}

const planned = (cost: number): PlannedQuery => ({
  query,
  unplanned: null,
  remarks: [],
  variants: [
    {
      variant: 'generic',
      values: [],
      weight: 1,
      plan: {
        'Node Type': 'Seq Scan',
        'Relation Name': 'payments',
        Alias: 'payments',
        Filter: '((customer_id = $1) AND (upper_name = $2))',
        'Total Cost': cost,
        'Plan Rows': 1,
      },
    },
  ],
})

/** Any index makes the query cheap; PostgreSQL refuses those that `refuses` names. */
function phantomThat(refuses: (sql: string) => boolean, states: SchemaState[] = []): Phantom {
  const planIn = (state: SchemaState) => {
    states.push(state)
    const sql = state.extra.find(refuses)
    if (sql !== undefined) throw new ExtraRefused({ sql, sqlState: '42P17', cause: new Error('not immutable') })
    return [planned(state.extra.length > 0 ? 10 : 100_000)]
  }
  return {
    skipped: [],
    applied: [],
    failure: null,
    plan: async (_queries, state) => planIn(state),
    planAll: async (_queries, all) => all.map(planIn),
    run: () => Promise.reject(new Error('not run here')),
    inState: () => Promise.reject(new Error('not opened here')),
    sizeOf: async () => ({ bytes: 8192, modelled: true, rows: ROWS }),
    close: async () => undefined,
  }
}

const snapshot = { ...productionOf({}), relations: [payments] }
const requestOn = (phantom: Phantom): AdviceRequest => ({
  phantom,
  catalogue: catalogueOf(snapshot, []),
  workload: [query],
  targets: [{ query, planned: planned(100_000), variant: null }],
  signal: new AbortController().signal,
})

describe('advice', () => {
  it('leaves out the candidate that PostgreSQL refuses, and tries the others', async () => {
    const states: SchemaState[] = []
    const refused = (sql: string) => /\(customer_id\)/.test(sql)
    const advice = await advise(requestOn(phantomThat(refused, states)))
    expect(states[0]?.extra.some(refused)).toBe(true)
    expect(states.slice(1).every((state) => !state.extra.some(refused))).toBe(true)
    expect(advice.get(query)?.sql).toMatch(/^CREATE INDEX CONCURRENTLY/)
    expect(advice.get(query)?.sql).not.toMatch(/\(customer_id\)/)
  })

  it('is none when PostgreSQL refuses every candidate', async () => {
    expect((await advise(requestOn(phantomThat(() => true)))).size).toBe(0)
  })

  it('does not hide other failures', async () => {
    const broken = { ...phantomThat(() => false), plan: () => Promise.reject(new Error('the server is gone')) }
    await expect(advise(requestOn(broken))).rejects.toThrow('the server is gone')
  })
})
