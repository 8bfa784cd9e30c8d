import { describe, expect, it } from 'vitest'
import { epochMs } from '../../base/time.ts'
import { drillNumbers } from './numbers.ts'
import type { ActResult, DrillCheck } from './result.ts'

const cause = {
  release: '2.3.1',
  index: 'idx_created_at',
  migrationFile: '0005.sql',
  migrationLine: 15,
  statement: 'SELECT 1',
}

const result = (over: Partial<ActResult> = {}): ActResult => ({
  act: 'guarded',
  environment: 'drill',
  startedAt: epochMs(0),
  finishedAt: epochMs(1),
  firstBadRequestAt: epochMs(0),
  requests: 1000,
  failedPayments: 5,
  delayedPayments: 0,
  recoveredPayments: 0,
  lostPayments: 0,
  doublePayments: 0,
  secondsToAlert: 2,
  secondsToCause: 12,
  secondsToRollbackDecision: 15,
  secondsToRecovery: 20,
  secondsFromDecisionToHealthyLatency: 10,
  peakErrorRatePercent: 5,
  peakPoolConnections: 100,
  longestQuerySeconds: 1,
  latencyMs: { p50: 1, p95: 1, p99: 1, max: 1 },
  errorBudget: {
    objectivePercent: 99.5,
    windowDays: 30,
    indicator: '',
    good: 1,
    total: 1,
    availabilityPercent: 100,
    usedPercent: 0,
  },
  cause,
  ...over,
})

const CHECK: DrillCheck = {
  release: '2.3.1',
  verdict: 'fail',
  why: ['plan-regression at releases/2.3.1/migrations/0005.sql:15'],
  seconds: 4.2,
  message: 'ListPending (480 calls/min) reads all 2,000,000 rows of payment_transactions by Seq Scan.',
  file: 'releases/2.3.1/migrations/0005.sql',
  line: 15,
  rollbackTarget: '2.3.0',
  rollback: 'safe',
}

const missed = (guarded: Partial<ActResult>, unguarded: Partial<ActResult> = {}, check: Partial<DrillCheck> = {}) =>
  drillNumbers({
    unguarded: result({ act: 'unguarded', failedPayments: 100, cause: null, ...unguarded }),
    guarded: result(guarded),
    expectedCause: { release: '2.3.1', index: 'idx_created_at', migrationFile: '0005.sql', migrationLine: 15 },
    check: { ...CHECK, ...check },
  })
    .filter(({ met }) => !met)
    .map(({ name, limit, measured }) => `${name}: ${measured} (${limit})`)

describe("the drill's numbers", () => {
  it.each([
    [{ verdict: 'warn' }, 'warn at releases/2.3.1/migrations/0005.sql:15'],
    [{ line: 2 }, 'fail at releases/2.3.1/migrations/0005.sql:2'],
    [{ file: 'releases/2.3.1/migrations/0006.sql' }, 'fail at releases/2.3.1/migrations/0006.sql:15'],
    [{ file: null, line: null }, 'fail'],
  ] as const)('ask for a check that refuses the release for the right line: %j', (check, measured) => {
    expect(missed({}, {}, check)).toEqual([
      `check refuses the release, at the line that is to blame: ${measured} (fail)`,
    ])
  })

  it('are all met exactly at their limits', () => {
    expect(missed({})).toEqual([])
  })

  it.each([
    [{ failedPayments: 6 }, 'failed payments, guarded against unguarded: 6 against 100 (≤ 1/20)'],
    [{ secondsToRollbackDecision: 15.1 }, 'first bad request to rollback decision, guarded: 15.1 s (≤ 15 s)'],
    [{ secondsToRollbackDecision: null }, 'first bad request to rollback decision, guarded: never (≤ 15 s)'],
    [{ secondsToCause: 12.1 }, 'first alert to cause, guarded: 10.1 s (≤ 10 s)'],
    [{ secondsToAlert: null }, 'first alert to cause, guarded: never (≤ 10 s)'],
    [{ secondsToCause: null }, 'first alert to cause, guarded: never (≤ 10 s)'],
    [{ secondsFromDecisionToHealthyLatency: 10.2 }, 'rollback decision to p95 under 200 ms, guarded: 10.2 s (≤ 10 s)'],
    [{ lostPayments: 1 }, 'payments lost, guarded: 1 (0)'],
    [{ doublePayments: 2 }, 'payments made twice, guarded: 2 (0)'],
    [
      { cause: { ...cause, migrationLine: 16 } },
      'cause named correctly, guarded: migrationLine 16 instead of 15 (all 4)',
    ],
  ] as const)('tell which one was missed, by how much: %j', (guarded, line) => {
    expect(missed(guarded)).toEqual([line])
  })

  it('hold for the unguarded act where money is concerned', () => {
    expect(missed({}, { lostPayments: 1, doublePayments: 1 })).toEqual([
      'payments lost, unguarded: 1 (0)',
      'payments made twice, unguarded: 1 (0)',
    ])
  })

  it('are met when the cause was known before the first alert', () => {
    expect(missed({ secondsToCause: -1 })).toEqual([])
  })

  it('are missed when no cause was named', () => {
    expect(missed({ cause: null })).toEqual([expect.stringContaining('cause named correctly, guarded: none named')])
  })

  it('are missed when the incident did not happen at all', () => {
    expect(missed({ failedPayments: 0 }, { failedPayments: 0 })).toEqual([
      'failed payments, guarded against unguarded: 0 against 0: the incident did not happen (≤ 1/20)',
    ])
  })
})
