import { describe, expect, it } from 'vitest'
import { createLog, MAX_SAME_MESSAGES_PER_SECOND, traceId } from './log.ts'

function logAt(start: number) {
  const lines: Record<string, unknown>[] = []
  const clock = { now: start }
  const log = createLog({
    service: 'payment-service',
    release: '2.3.0',
    replica: '1',
    write: (line) => lines.push(JSON.parse(line)),
    now: () => clock.now,
  })
  return { lines, clock, log }
}

describe('a log', () => {
  it('names time, service and release in every line', () => {
    const { lines, log } = logAt(Date.UTC(2024, 2, 15, 14, 32))
    log.info('started', { url: 'http://127.0.0.1:1' })
    expect(lines).toEqual([
      {
        time: '2024-03-15T14:32:00.000Z',
        level: 'info',
        service: 'payment-service',
        release: '2.3.0',
        replica: '1',
        message: 'started',
        url: 'http://127.0.0.1:1',
      },
    ])
  })

  it('writes the same error a few times a second only, and then says how many it left out', () => {
    const { lines, clock, log } = logAt(10_000)
    for (let index = 0; index < 100; index++) log.error('no connection')
    log.error('something else')
    expect(lines).toHaveLength(MAX_SAME_MESSAGES_PER_SECOND + 1)
    clock.now += 1_000
    log.error('no connection')
    log.error('no connection')
    expect(lines.at(-2)).toMatchObject({ message: 'no connection', suppressed: 100 - MAX_SAME_MESSAGES_PER_SECOND })
    expect(lines.at(-1)).not.toHaveProperty('suppressed')
  })
})

describe('a trace id', () => {
  it('is taken from a well-formed traceparent only', () => {
    const id = '4bf92f3577b34da6a3ce929d0e0e4736'
    expect(traceId(`00-${id}-00f067aa0ba902b7-01`)).toBe(id)
    expect(traceId(`00-${id}`)).toBeUndefined()
    expect(traceId(undefined)).toBeUndefined()
  })
})
