/** The example of the README: premortem check on the payment system, as its developers would run it. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../src/core/check/result.ts'
import { premortem, type Ran } from './cli.ts'

const MIGRATION = 'releases/2.3.1/migrations/0005_payment_review.sql'
const LIMIT = { timeout: 180_000 }

describe('premortem check --release 2.3.1', () => {
  let ran: Ran
  let result: CheckResult
  beforeAll(async () => {
    ran = await premortem(['check', '--release', '2.3.1', '--json'])
    result = JSON.parse(ran.out)
  }, LIMIT.timeout)

  it('refuses it, with exit code 1 and nothing on standard error', () => {
    expect(ran).toMatchObject({ code: 1, err: '' })
    expect(result.verdict).toBe('fail')
    expect(result.why).toContain(`plan-regression at ${MIGRATION}:15`)
  })

  it('for the list of pending payments, which reads the whole table since the line that drops its index', () => {
    const [plan] = result.plans
    expect(plan).toMatchObject({ name: 'ListPending', regressed: true, change: 'index-to-seq-scan' })
    expect(plan?.blamedOn).toMatchObject({ file: MIGRATION, line: 15 })
    expect(plan?.blamedOn?.sql).toMatch(/^DROP INDEX idx_payment_transactions_created_at/)
    expect(plan?.costAfter).toBeGreaterThan((plan?.costBefore ?? 0) * 2)
    expect(result.plans.filter((one) => one.regressed)).toHaveLength(1)
  })

  it('proposes the index that was dropped', () => {
    expect(result.plans[0]?.advice?.sql).toMatch(/CREATE INDEX CONCURRENTLY .*\(created_at\) WHERE/)
  })

  it('says what else the new list costs, against the list of the release before', () => {
    const found = result.findings.find((finding) => finding.rule === 'query-costlier')
    expect(found).toMatchObject({ file: 'releases/2.3.1/queries.sql', line: expect.any(Number) })
  })

  it('plans every query that the code asks, and says that 2.3.0 is a safe way back', () => {
    const names = result.plans.flatMap((plan) => plan.name ?? [])
    expect(names).toEqual(expect.arrayContaining(['AcceptPayment', 'PlaceOrder', 'SendConfirmations', 'ClaimPayments']))
    expect(result.unplanned).toEqual([])
    expect(result.rollbackSafety).toMatchObject({ verdict: 'safe', target: '2.3.0', broken: [], order: 'any' })
  })

  it('knows what each statement of the migration locks', () => {
    const [added, , dropped] = result.migration
    expect(added?.locks).toContainEqual({ relation: 'payment_transactions', mode: 'AccessExclusive' })
    expect(dropped).toMatchObject({
      line: 15,
      dropped: [expect.stringContaining('idx_payment_transactions_created_at')],
    })
  })

  it('answers the checklist: not every index that is needed is there afterwards', () => {
    expect(result.checklist.find((one) => one.item.includes('index that a query needs'))?.answer).toBe('no')
    expect(result.checklist.find((one) => one.item.includes('rollback'))?.answer).toBe('yes')
  })
})

describe('premortem check --release 2.3.2', LIMIT, () => {
  it('passes: its list is better, and 2.3.0 is still a safe way back', async () => {
    const { code, out } = await premortem(['check', '--release', '2.3.2', '--json'])
    const result: CheckResult = JSON.parse(out)
    expect({ code, verdict: result.verdict, why: result.why }).toEqual({ code: 0, verdict: 'pass', why: [] })
    expect(result.plans.find((plan) => plan.name === 'ListPending')).toMatchObject({ change: 'improved' })
    expect(result.rollbackSafety).toMatchObject({ verdict: 'safe', target: '2.3.0' })
    expect(result.assumptions.join('\n')).toContain('0005_payment_review.sql')
  })
})

describe('premortem check, asked for what it cannot do', LIMIT, () => {
  it.each([
    [['--release', '9.9.9'], 'unknown-release', '2.3.0, 2.3.1, 2.3.2'],
    [['--snapshot', 'nowhere.json'], 'snapshot', 'nowhere.json'],
    [['--snapshot', 'premortem.yaml'], 'snapshot', 'premortem.yaml'],
    [['--config', 'nowhere.yaml'], 'config-unreadable', 'nowhere.yaml'],
    [['--format', 'pdf'], '', 'Allowed choices'],
    [['--nope'], '', 'unknown option'],
    [['--json', '--format', 'html'], '', 'cannot be used with'],
    [['--deployed'], 'deployed-needs-url', '--url'],
    [['nowhere.sql'], '', 'nowhere.sql'],
  ])('says so once and ends with 2: %j', async (args, code, words) => {
    const env = await premortem(['check', ...args])
    expect(env).toMatchObject({ code: 2, out: '' })
    expect(env.err).toContain(code)
    expect(env.err).toContain(words)
    expect(env.err).not.toContain('premortem has a bug')
  })
})

describe('premortem lint in the folder of the example', LIMIT, () => {
  it('finds the migrations of all releases by itself, and no error in them', async () => {
    const { code, out, err } = await premortem(['lint', '--json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const { findings } = JSON.parse(out)
    expect(findings.map((one: { rule: string }) => one.rule)).toContain('foreign-key-without-index')
  })
})
