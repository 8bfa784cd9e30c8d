import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type At,
  act,
  decided,
  deployed,
  fix,
  good,
  inside,
  measure,
  type Shape,
  traffic,
} from '../../../test/load/act.ts'

describe('recovery', () => {
  const recovery = (shape: (second: number) => Shape, ...happened: readonly At[]) => {
    const result = measure({ outcomes: traffic(shape), events: act(deployed, ...happened) })
    return [result.secondsToRecovery, result.secondsFromDecisionToHealthyLatency]
  }
  const failed: Shape = { result: 'failed', latency: 5000 }
  const slow: Shape = { latency: 900, servedBy: 'payment-service@2.3.1' }

  it('needs errors and latency to be back, and each is seen alone', () => {
    const errorsLast = (second: number): Shape =>
      inside(second, 15, 20) ? slow : inside(second, 20, 25) ? { result: 'failed', latency: 10 } : {}
    expect(recovery(errorsLast, decided(18))).toEqual([10, 2])
  })

  it('is not before the decision, since the bad release is still there', () => {
    expect(recovery((second) => (second === 15 ? slow : {}), decided(21))).toEqual([6, 0])
  })

  it('is never when it is still bad at the end', () => {
    expect(recovery((second) => (second >= 15 ? failed : {}), decided(18))).toEqual([null, null])
  })

  it('starts again after a relapse', () => {
    expect(recovery((second) => (inside(second, 15, 20) || inside(second, 40, 44) ? failed : {}), decided(16))[0]).toBe(
      29,
    )
  })

  it('is not undone by one bad second after it has held for a while', () => {
    expect(recovery((second) => (inside(second, 15, 20) || inside(second, 52, 53) ? failed : {}), decided(16))[0]).toBe(
      5,
    )
  })

  it('is undone by bad seconds that keep coming', () => {
    const flapping = (second: number): Shape =>
      inside(second, 15, 20) || inside(second, 36, 37) || inside(second, 44, 45) ? failed : {}
    expect(recovery(flapping, decided(16))[0]).toBe(30)
  })

  it('does not begin with a calm of less than ten seconds', () => {
    expect(recovery((second) => (inside(second, 15, 20) || inside(second, 28, 29) ? failed : {}), decided(16))[0]).toBe(
      14,
    )
  })

  it('leaves out what shows while another release is rolled out', () => {
    const fixing: readonly At[] = [
      [40, 'release.requested', { release: fix, previous: good }],
      [46, 'release.promoted', { release: fix }],
    ]
    const shape = (second: number): Shape => (inside(second, 15, 20) || inside(second, 41, 46) ? failed : {})
    expect(recovery(shape, decided(16), ...fixing)[0]).toBe(5)
    const later = (second: number): Shape => (inside(second, 15, 20) || inside(second, 41, 50) ? failed : {})
    expect(recovery(later, decided(16), ...fixing)[0]).toBe(35)
  })

  it('is never when the observation ends within five seconds', () => {
    const outcomes = traffic((second) => (inside(second, 15, 20) ? failed : {}), 23)
    expect(measure({ outcomes }).secondsToRecovery).toBe(null)
  })

  it('comes at most after the last bad second, whatever was bad', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 30 }), fc.integer({ min: 1, max: 15 }), (from, length) => {
        const outcomes = traffic((second) => (inside(second, from, from + length) ? failed : {}))
        expect(measure({ outcomes }).secondsToRecovery).toBe(length)
      }),
    )
  })
})
