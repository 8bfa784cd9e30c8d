import { describe, expect, it } from 'vitest'
import {
  type At,
  act,
  bad,
  decided,
  deployed,
  fix,
  inside,
  measure,
  person,
  START,
  traffic,
} from '../../../test/load/act.ts'

describe('the first bad request', () => {
  it('is none when nothing went wrong, and then no time is given', () => {
    expect(measure({ events: act(deployed, decided(20)) })).toMatchObject({
      firstBadRequestAt: null,
      secondsToAlert: null,
      secondsToCause: null,
      secondsToRollbackDecision: null,
      secondsToRecovery: null,
      peakErrorRatePercent: 0,
    })
  })

  it('is the first that failed after the bad release was requested, not one before', () => {
    const failing = traffic((second) => (second === 5 || second === 15 ? { result: 'failed', servedBy: null } : {}))
    expect(measure({ outcomes: failing }).firstBadRequestAt).toBe(START + 15_000)
  })

  it('may be one that the generator dropped', () => {
    const dropping = traffic((second) => (second === 15 ? { result: 'dropped', servedBy: null } : {}))
    expect(measure({ outcomes: dropping }).firstBadRequestAt).toBe(START + 15_000)
  })

  it('is a slow answer of the bad release, not a slow answer of another', () => {
    const slow = traffic((second) => {
      if (second === 12) return { latency: 900, servedBy: 'payment-service@2.3.0' }
      if (second === 13) return { latency: 900, servedBy: 'order-service@2.3.1' }
      if (second === 14) return { latency: 200, servedBy: 'payment-service@2.3.1' }
      return second === 15 ? { latency: 201, servedBy: 'payment-service@2.3.1' } : {}
    })
    expect(measure({ outcomes: slow }).firstBadRequestAt).toBe(START + 15_000)
  })

  it('is none when the bad release was never requested', () => {
    const failing = traffic(() => ({ result: 'failed' }))
    expect(measure({ outcomes: failing, events: act() })).toMatchObject({
      firstBadRequestAt: null,
      peakErrorRatePercent: 100,
    })
  })

  it('is found by the intended time, whatever the order in which requests ended', () => {
    const failing = traffic((second) => (inside(second, 15, 17) ? { result: 'failed' } : {}))
    expect(measure({ outcomes: failing.toReversed() })).toEqual(measure({ outcomes: failing }))
  })
})

describe('the times of an act', () => {
  const failing = traffic((second) => (inside(second, 15, 30) ? { result: 'failed', latency: 5000 } : {}))
  const alert: At = [17, 'alert.fired', { rule: 'error-rate' }]
  const cause: At = [
    19,
    'cause.named',
    {
      kind: 'index-dropped-by-release',
      release: bad,
      index: { name: 'idx', table: 't', definition: 'd' },
      migrationFile: '0005.sql',
      migrationLine: 12,
      statement: 'SELECT',
    },
  ]

  it('count from the first bad request', () => {
    expect(measure({ outcomes: failing, events: act(deployed, alert, cause, decided(21)) })).toMatchObject({
      secondsToAlert: 2,
      secondsToCause: 4,
      secondsToRollbackDecision: 6,
      secondsToRecovery: 15,
      cause: { release: bad, index: 'idx', migrationFile: '0005.sql', migrationLine: 12, statement: 'SELECT' },
    })
  })

  it('are null for what never happened, and recovery is found all the same', () => {
    expect(measure({ outcomes: failing, events: act(deployed) })).toMatchObject({
      secondsToAlert: null,
      secondsToCause: null,
      secondsToRollbackDecision: null,
      secondsFromDecisionToHealthyLatency: null,
      secondsToRecovery: 15,
      cause: null,
    })
  })

  it('are negative for what came before the first bad request', () => {
    const early: At = [12, 'alert.fired', { rule: 'pool-utilisation' }]
    expect(measure({ outcomes: failing, events: act(deployed, early, alert) }).secondsToAlert).toBe(-3)
  })

  it('leave out alerts from before the deployment', () => {
    expect(measure({ outcomes: failing, events: act([5, 'alert.fired', {}], deployed, alert) }).secondsToAlert).toBe(2)
  })

  it('leave out a diagnosis that names no cause', () => {
    const unsure: At = [18, 'cause.named', { kind: 'unknown', index: null }]
    expect(measure({ outcomes: failing, events: act(deployed, unsure, cause) }).secondsToCause).toBe(4)
  })

  it('take the cause of the unguarded act from its people, not from premortem that only looked on', () => {
    const guess: At = [20, 'finding.made', { text: 'The pool is full', rootCause: false }, person]
    const found: At = [25, 'finding.made', { text: 'The index is gone', rootCause: true }, person]
    const result = measure({ act: 'unguarded', outcomes: failing, events: act(deployed, cause, guess, found) })
    expect(result).toMatchObject({ secondsToCause: 10, cause: null })
  })

  it('take a decision from whoever made it first, and only for the bad release', () => {
    const other: At = [16, 'release.abort-requested', { release: fix, reason: '' }]
    const abort: At = [22, 'release.abort-requested', { release: bad, reason: '' }, person]
    const events = act(deployed, other, abort, decided(24))
    expect(measure({ outcomes: failing, events }).secondsToRollbackDecision).toBe(7)
  })
})
