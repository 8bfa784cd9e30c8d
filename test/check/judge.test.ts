import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgePlans } from '../../src/core/check/plan-judge/judge-plans.ts'
import type { Phantom } from '../../src/core/check/ports.ts'
import type { WorkloadQuery } from '../../src/core/check/snapshot.ts'
import { startPostgres, type TestPostgres } from '../adapters/fixtures/postgres.ts'
import { type RealRows, realRows, workloadQuery } from './real-rows.ts'

const SCHEMA = [
  'create table customers (id bigint primary key, email text not null, region text not null)',
  'create table payments (id bigint primary key, customer_id bigint not null, status text not null, amount numeric not null, created_at timestamptz not null, note text, tags text[])',
  'create index idx_payments_status on payments (status, created_at)',
  'create index idx_payments_created_at on payments (created_at)',
  'create index idx_payments_customer on payments (customer_id)',
  'create index idx_payments_customer_id on payments (customer_id, id)',
  'create index idx_customers_email on customers (email)',
]
const FILL = [
  `insert into customers select n, 'c' || n || '@example.test', 'r' || n % 7 from generate_series(1, 6000) n`,
  `insert into payments select n, 1 + n % 6000, case when n % 200 = 0 then 'pending' else 'settled' end, n % 977,
     timestamptz '2026-01-01' + n * interval '1 second', repeat('x', 60), array['t' || n % 1500] from generate_series(1, 60000) n`,
  'vacuum analyze',
]

const PENDING = workloadQuery(`SELECT * FROM payments WHERE status = 'pending' ORDER BY amount`, {
  name: 'ListPending',
  callsPerMinute: 1240,
  meanMs: 4,
})
const LATEST = workloadQuery('SELECT * FROM payments ORDER BY created_at DESC LIMIT 50', {
  name: 'Latest',
  callsPerMinute: 60,
})
const BY_EMAIL = workloadQuery('SELECT * FROM customers WHERE email = $1', { name: 'ByEmail', callsPerMinute: 900 })
const BY_ID = workloadQuery('SELECT * FROM payments WHERE id = $1', { name: 'ById', callsPerMinute: 5000 })
const OF_CUSTOMER = workloadQuery(
  'SELECT * FROM payments p JOIN customers c ON c.id = p.customer_id WHERE c.email = $1',
  {
    name: 'OfCustomer',
  },
)
const ALL = [PENDING, LATEST, BY_EMAIL, BY_ID, OF_CUSTOMER]

let postgres: TestPostgres
let rows: RealRows
beforeAll(async () => {
  postgres = await startPostgres({
    // The sample is the whole table: ANALYZE says the same each time, as it does on the phantom.
    default_statistics_target: '250',
  })
  rows = await realRows({ postgres, schema: SCHEMA, fill: FILL })
})
afterAll(() => postgres.stop())

const judge = (
  phantom: Phantom,
  workload: readonly WorkloadQuery[],
  options: { fragility?: boolean; advice?: boolean } = { fragility: false, advice: false },
) =>
  judgePlans({
    phantom,
    snapshot: rows.snapshot,
    workload,
    signal: new AbortController().signal,
    monotonic: () => performance.now(),
    options,
  })

describe('a change that drops an index', () => {
  it('is told with the query, both plans, the line that did it and what to do', async () => {
    const phantom = rows.phantom([
      "alter table payments add column channel text not null default 'web'",
      'drop index idx_payments_status',
      'create table refunds (id bigint primary key)',
    ])
    const { plans, findings } = await judge(phantom, ALL)
    expect(plans.filter((one) => one.regressed).map((one) => one.name)).toEqual(['ListPending'])
    expect(plans).toHaveLength(ALL.length)
    const [worst] = plans
    expect(worst).toMatchObject({
      change: 'index-to-seq-scan',
      holds: 'always',
      blamedOn: { file: 'migrations/0005_change.sql', line: 2, sql: 'drop index idx_payments_status' },
    })
    const [finding, ...more] = findings
    expect(more).toEqual([])
    expect(finding).toMatchObject({ rule: 'plan-regression', severity: 'error', line: 2 })
    expect(finding?.message).toMatch(
      /^ListPending \(1,240 calls\/min\) reads all 60,000 rows of payments by Seq Scan; before, idx_payments_status gave it [\d,]+\. Cost [\d,.]+ → [\d,]+ \(×[\d.]+\), about 4 ms → .+ Since migrations\/0005_change\.sql:2, which drops idx_payments_status\.$/,
    )
    expect(finding?.remedy).toContain('Keep idx_payments_status')
  })

  it('blames each query on its own statement, in one search', async () => {
    const phantom = rows.phantom([
      'alter table payments add column a int',
      'drop index idx_payments_status',
      'alter table payments add column b int',
      'drop index idx_customers_email',
      'alter table payments add column c int',
      'drop index idx_payments_created_at',
      'alter table payments add column d int',
    ])
    const { plans } = await judge(phantom, [PENDING, LATEST, BY_EMAIL, BY_ID])
    const lines = Object.fromEntries(plans.map((one) => [one.name, one.blamedOn?.line ?? null]))
    expect(lines).toEqual({ ListPending: 2, Latest: 6, ByEmail: 4, ById: null })
  })

  it('blames the last turn to the worse when a replacement came and went', async () => {
    const phantom = rows.phantom([
      'drop index idx_customers_email',
      'create index new_email on customers (email)',
      'drop index new_email',
    ])
    expect((await judge(phantom, [BY_EMAIL])).plans[0]?.blamedOn?.line).toBe(3)
  })

  it('is harmless when another index gives the same', async () => {
    const phantom = rows.phantom(['drop index idx_payments_customer'])
    const { plans, findings } = await judge(phantom, ALL)
    expect(plans.filter((one) => one.regressed)).toEqual([])
    expect(findings).toEqual([])
  })
})

describe('a change that needs no word', () => {
  it('renames an index', async () => {
    const { plans } = await judge(rows.phantom(['alter index idx_payments_status rename to payments_by_status']), ALL)
    expect(plans.map((one) => one.change)).toEqual(ALL.map(() => 'none'))
  })

  it('replaces an index by one of the same shape', async () => {
    const change = ['create index other on payments (status, created_at)', 'drop index idx_payments_status']
    const { plans } = await judge(rows.phantom(change), ALL)
    expect(plans.map((one) => one.change)).toEqual(ALL.map(() => 'none'))
  })

  it('is empty', async () => {
    const phantom = rows.phantom([])
    const { plans } = await judge(phantom, ALL)
    expect(plans.map((one) => one.change)).toEqual(ALL.map(() => 'none'))
    expect(phantom.states).toHaveLength(1)
  })
})

describe('a change that costs statistics', () => {
  it('is told as holding until ANALYZE, with ANALYZE as the remedy', async () => {
    const ofOne = workloadQuery('SELECT * FROM payments WHERE customer_id = $1', { callsPerMinute: 3000 })
    const phantom = rows.phantom(['alter table payments alter column customer_id type numeric(20)'])
    const { findings, plans } = await judge(phantom, [ofOne])
    expect(plans[0]).toMatchObject({ regressed: true, holds: 'right-after', blamedOn: { line: 1 } })
    expect(findings).toEqual([expect.objectContaining({ rule: 'plan-until-analyze' })])
    expect(findings[0]?.remedy).toContain('Put `ANALYZE`')
    expect(findings[0]?.message).toContain('until ANALYZE has run')
  })
})

describe('queries that cannot be planned', () => {
  it('are broken by the statement since which they fail, and never dropped', async () => {
    const phantom = rows.phantom(['alter table payments add column z int', 'alter table payments drop column note'])
    const note = workloadQuery('SELECT note FROM payments WHERE id = $1', { name: 'Note' })
    const early = workloadQuery('SELECT z FROM payments WHERE id = $1', { name: 'Early' })
    const wrong = workloadQuery('SELECT nothing FROM payments', { name: 'Wrong' })
    const { plans, unplanned, findings } = await judge(phantom, [note, early, wrong])
    expect(findings).toEqual([
      expect.objectContaining({
        rule: 'query-broken',
        severity: 'error',
        line: 2,
        message: expect.stringContaining('42703'),
      }),
    ])
    expect(unplanned.map((one) => one.name)).toEqual(['Note', 'Wrong'])
    expect(plans.map((one) => one.name)).toEqual(['Early'])
    expect(plans[0]?.remarks.join()).toContain('Not planned before the change')
  })
})

describe('values of different frequency', () => {
  const text = 'SELECT * FROM payments WHERE status = $1 ORDER BY created_at'
  const variants = {
    [text]: [
      { variant: 'common 1', weight: 0.9, values: ['settled'] },
      { variant: 'rare', weight: 0.1, values: ['pending'] },
    ],
  }

  it('are judged each by itself: the rare one loses its index', async () => {
    const phantom = rows.phantom(['drop index idx_payments_status'], variants)
    const { plans } = await judge(phantom, [workloadQuery(text, { callsPerMinute: 600 })])
    expect(plans[0]).toMatchObject({ regressed: true, variant: 'rare', values: ['pending'] })
    expect(plans[0]?.weightedCostBefore).toBeGreaterThan(plans[0]?.costBefore ?? 0)
  })
})

describe('advice', () => {
  const withAdvice = { fragility: false, advice: true }

  it('of a dropped index that is needed is to keep it', async () => {
    const { plans, findings } = await judge(rows.phantom(['drop index idx_payments_status']), [PENDING], withAdvice)
    const advice = plans[0]?.advice
    expect(advice?.sql).toBe('CREATE INDEX CONCURRENTLY idx_payments_status ON payments (status, created_at)')
    expect(advice?.why).toContain('migrations/0005_change.sql:1 drops: keep it')
    expect(advice?.costWith).toBeLessThan((advice?.costWithout ?? 0) / 2)
    expect(advice?.bytes).toBeGreaterThan(1e6)
    expect(findings[0]?.remedy).toBe('Keep idx_payments_status: drop it only when no query needs it any more.')
  })

  const slow = (text: string) => workloadQuery(text, { callsPerMinute: 5000 })
  const writes = [
    workloadQuery('INSERT INTO payments (id, customer_id, status, amount, created_at) VALUES ($1, $2, $3, $4, now())', {
      callsPerMinute: 700,
    }),
    workloadQuery('UPDATE payments SET status = $1 WHERE id = $2', { callsPerMinute: 300 }),
    workloadQuery('UPDATE payments SET amount = $1 WHERE id = $2', { callsPerMinute: 50 }),
  ]

  it.each([
    [
      'an equality',
      'SELECT * FROM payments WHERE amount = $1 AND note = $2',
      /^CREATE INDEX CONCURRENTLY idx_payments_\w+ ON payments \(amount\)$/,
    ],
    [
      'an equality and an order',
      'SELECT * FROM payments WHERE amount = $1 ORDER BY id LIMIT 5',
      /ON payments \(amount(, id)?\)$/,
    ],
    ['a range', 'SELECT * FROM payments WHERE amount > 976.5', /ON payments \(amount\)$/],
    ['an expression', `SELECT id FROM customers WHERE lower(email) = $1`, /ON customers \(\(lower\(email\)\)\)$/],
    ['what an array contains', 'SELECT id FROM payments WHERE tags @> $1', /ON payments USING gin \(tags\)$/],
  ])('for %s is an index that the planner takes', async (_what, text, sql) => {
    const { plans } = await judge(rows.phantom([]), [slow(text), ...writes], withAdvice)
    const report = plans.find((one) => one.query === text)
    expect(report?.advice?.sql).toMatch(sql)
    expect(report?.advice?.costWith).toBeLessThan((report?.advice?.costWithout ?? 0) * 0.7)
  })

  it('counts the writes that pay for the index, and tells which updates lose their shortcut', async () => {
    const text = 'SELECT * FROM payments WHERE amount = $1'
    const { plans } = await judge(rows.phantom([]), [slow(text), ...writes], withAdvice)
    const advice = plans.find((one) => one.query === text)?.advice
    expect(advice?.writesPerMinute).toBe(750)
    expect(advice?.why).toContain('Updates of amount')
    expect(advice?.buildMs.low).toBeGreaterThan(0)
  })

  it('is silent where an index serves already, and for small tables', async () => {
    const { plans } = await judge(rows.phantom([]), [slow('SELECT * FROM payments WHERE customer_id = $1')], withAdvice)
    expect(plans[0]?.advice).toBeNull()
  })

  it('names what nobody uses and what another index covers', async () => {
    const { unusedIndexes } = await judge(rows.phantom([]), ALL)
    expect(unusedIndexes.map((one) => [one.index, one.why.split(':')[0]])).toEqual([
      ['idx_payments_customer', 'index-covered'],
    ])
    const { findings } = await judge(
      rows.phantom(['create index again on payments (customer_id)', 'create index alone on payments (note)']),
      ALL,
    )
    expect(findings.map((one) => [one.rule, one.line])).toEqual([
      ['index-covered', 1],
      ['index-unused', 2],
    ])
  })
})
