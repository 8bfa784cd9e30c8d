import { describe, expect, it } from 'vitest'
import { BAD, GOOD, observation, running } from '../../../test/core/observe.ts'
import { DATABASE_SERIES, toPoints } from './points.ts'

const figureOf = (points: ReturnType<typeof toPoints>, metric: string, release: string | null) =>
  points.find((point) => point.metric === metric && point.release === release)?.value

describe('points of an observation', () => {
  const points = toPoints(
    observation(
      10,
      { [GOOD]: { requests: 0 }, [BAD]: { requests: 40, errors: 4, databaseMs: 8000, used: 90, active: 7 } },
      {
        running: [
          running(10, { pid: 1, release: BAD, query: 'select 1', age: 2.4 }),
          running(10, { pid: 2, release: BAD, query: 'select 1', age: 7.5 }),
        ],
      },
    ),
  )

  it('give each release its own figures', () => {
    expect(figureOf(points, 'error_rate_percent', BAD)).toBe(10)
    expect(figureOf(points, 'request_rate', BAD)).toBe(40)
    expect(figureOf(points, 'pool_utilisation_percent', BAD)).toBe(90)
    expect(figureOf(points, 'database_ms_per_request', BAD)).toBe(200)
    expect(figureOf(points, 'active_sessions', BAD)).toBe(7)
    expect(figureOf(points, 'request_rate', GOOD)).toBe(0)
  })

  it('leave out what no request told', () => {
    expect(figureOf(points, 'error_rate_percent', GOOD)).toBeUndefined()
    expect(figureOf(points, 'latency_p95_ms', GOOD)).toBeUndefined()
  })

  it('give the database its figures under its own name', () => {
    const ofDatabase = points.filter((point) => point.service === DATABASE_SERIES)
    expect(figureOf(ofDatabase, 'longest_query_seconds', null)).toBe(7.5)
    expect(figureOf(ofDatabase, 'active_statements', null)).toBe(7)
    // Only the first of the two passed 2 s within this second.
    expect(figureOf(ofDatabase, 'slow_queries_per_minute', null)).toBe(60)
  })

  it('count the indexes that no query can use, in the looks that took the inventory', () => {
    const index = (name: string, valid: boolean) => ({
      name,
      table: 't',
      definition: '',
      valid,
      sizeBytes: 0,
      scans: 0,
    })
    const inventory = { settings: {}, indexes: [index('a', true), index('b', false), index('c', false)] }
    const build = { pid: 1, index: 'c', table: 't', phase: '', progress: null, lockersDone: 0, lockersTotal: 0 }
    const taken = toPoints(observation(10, {}, { inventory, indexBuilds: [build] }))
    expect(figureOf(taken, 'indexes_invalid', null)).toBe(1)
    expect(figureOf(toPoints(observation(11, {})), 'indexes_invalid', null)).toBeUndefined()
  })

  it('have none of the database when it could not be looked at', () => {
    const blind = toPoints(observation(10, { [GOOD]: { requests: 3 } }, null))
    expect(blind.filter((point) => point.service === DATABASE_SERIES)).toEqual([])
    expect(figureOf(blind, 'active_sessions', GOOD)).toBeUndefined()
    expect(figureOf(blind, 'request_rate', GOOD)).toBe(3)
  })
})
