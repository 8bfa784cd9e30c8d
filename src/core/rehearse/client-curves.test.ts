import { describe, expect, it } from 'vitest'
import { outcome, START } from '../../../test/load/act.ts'
import type { SeriesPoint } from '../watch/samples.ts'
import { clientCurves } from './client-curves.ts'

describe("the client's curves", () => {
  const at = (points: readonly SeriesPoint[], second: number) =>
    Object.fromEntries(
      points.filter((point) => point.at === START + second * 1000).map(({ metric, value }) => [metric, value]),
    )

  it('have requests, error rate and p95 for each second of the intended times', () => {
    const points = clientCurves([
      ...Array.from({ length: 8 }, (_, index) => outcome(index / 10, { latency: 10 * (index + 1) })),
      outcome(0.8, { result: 'failed', latency: 5000 }),
      outcome(0.9, { result: 'dropped' }),
      outcome(2.5, { result: 'dropped' }),
    ])
    expect(at(points, 0)).toEqual({
      client_requests: 10,
      client_error_rate_percent: 20,
      client_latency_p95_ms: 5000,
    })
    expect(at(points, 1)).toEqual({ client_requests: 0 })
    expect(at(points, 2)).toEqual({ client_requests: 1, client_error_rate_percent: 100 })
    expect(points.every((point) => point.service === 'client' && point.release === null)).toBe(true)
  })

  it('are empty without requests', () => {
    expect(clientCurves([])).toEqual([])
  })
})
