/** A whole drill, made by hand: results, ledgers, curves and clocks of both acts. */
import { epochMs } from '../../src/base/time.ts'
import { type ActInput, factsOf } from '../../src/core/learn/facts.ts'
import type { ActResult, DrillResult } from '../../src/core/rehearse/result.ts'
import { guardedLedger, unguardedLedger } from './sample-ledger.ts'
import { seriesOf } from './sample-series.ts'
import { BAD, clockOf, INDEX, MIGRATION, STATEMENT } from './sample-world.ts'

const at = (act: 'unguarded' | 'guarded', minute: number) => epochMs(clockOf(act).startedAt + minute * 1000)
const cause = { release: BAD, index: INDEX.name, migrationFile: MIGRATION, migrationLine: 12, statement: STATEMENT }
const budget = {
  objectivePercent: 99.5,
  windowDays: 30,
  indicator: 'payments created without error, of all payments tried',
}

export const unguardedResult: ActResult = {
  act: 'unguarded',
  environment: 'drill-20260301T101500-unguarded',
  startedAt: at('unguarded', 0),
  finishedAt: at('unguarded', 168),
  firstBadRequestAt: at('unguarded', 14.2),
  requests: 9902,
  failedPayments: 418,
  delayedPayments: 231,
  recoveredPayments: 17,
  lostPayments: 0,
  doublePayments: 0,
  secondsToAlert: 12.8,
  secondsToCause: 27.8,
  secondsToRollbackDecision: 75.8,
  secondsToRecovery: 83.3,
  secondsFromDecisionToHealthyLatency: 7.5,
  peakErrorRatePercent: 19.1,
  peakPoolConnections: 400,
  longestQuerySeconds: 8.9,
  latencyMs: { p50: 6.1, p95: 11_820, p99: 17_204, max: 22_941 },
  errorBudget: { ...budget, good: 2911, total: 3329, availabilityPercent: 87.44, usedPercent: 9.77 },
  cause: null,
}

export const guardedResult: ActResult = {
  ...unguardedResult,
  act: 'guarded',
  environment: 'drill-20260301T101500-guarded',
  startedAt: at('guarded', 0),
  finishedAt: at('guarded', 70.5),
  firstBadRequestAt: at('guarded', 13.1),
  requests: 4200,
  failedPayments: 6,
  delayedPayments: 9,
  recoveredPayments: 1,
  secondsToAlert: 2.4,
  secondsToCause: 4.9,
  secondsToRollbackDecision: 6,
  secondsToRecovery: 10.2,
  secondsFromDecisionToHealthyLatency: 4.2,
  peakErrorRatePercent: 3.9,
  peakPoolConnections: 48,
  longestQuerySeconds: 2.9,
  latencyMs: { p50: 5.2, p95: 41, p99: 611, max: 2914 },
  errorBudget: { ...budget, good: 1301, total: 1307, availabilityPercent: 99.54, usedPercent: 0.15 },
  cause,
}

export const sampleResult: DrillResult = {
  scenario: 'payment-pool-exhaustion',
  drill: '20260301T101500',
  startedAt: '2026-03-01T10:15:00.000Z',
  seconds: 311.4,
  seed: 20_240_315,
  rows: 2_000_000,
  paceMs: 1000,
  check: {
    release: '2.3.1',
    verdict: 'fail',
    why: ['plan-regression at releases/2.3.1/migrations/0005_payment_review.sql:15'],
    seconds: 4.2,
    message: 'ListPending (480 calls/min) reads all 2,000,000 rows of payment_transactions by Seq Scan.',
    file: 'releases/2.3.1/migrations/0005_payment_review.sql',
    line: 15,
    rollbackTarget: '2.3.0',
    rollback: 'safe',
  },
  acts: { unguarded: unguardedResult, guarded: guardedResult },
  numbers: [
    { name: 'failed payments, guarded against unguarded', limit: '≤ 1/20', measured: '6 of 418, 1/70', met: true },
    { name: 'first bad request to rollback decision', limit: '≤ 15 s', measured: '6 s', met: true },
    { name: 'first alert to the right cause', limit: '≤ 10 s', measured: '2.5 s', met: true },
    { name: 'rollback decision to p95 under 200 ms', limit: '≤ 10 s', measured: '4.2 s', met: true },
  ],
  passed: true,
  resultPath: '.premortem/drills/20260301T101500/result.json',
  reportPath: '.premortem/drills/20260301T101500/report.html',
  postmortemPath: '.premortem/drills/20260301T101500/postmortem.md',
  guardedPostmortemPath: '.premortem/drills/20260301T101500/postmortem-guarded.md',
  ledgerPath: '.premortem/drills/20260301T101500/ledger.json',
}

export const unguardedInput: ActInput = {
  result: unguardedResult,
  events: unguardedLedger(),
  series: seriesOf('unguarded'),
  clock: clockOf('unguarded'),
}

export const guardedInput: ActInput = {
  result: guardedResult,
  events: guardedLedger(),
  series: seriesOf('guarded'),
  clock: clockOf('guarded'),
}

export const sampleFacts = () => ({ unguarded: factsOf(unguardedInput, 'e'), guarded: factsOf(guardedInput, 'g') })
