import { describe, expect, it } from 'vitest'
import { createLive, type LiveStatus } from './live.ts'

const ERASE = '\r\x1b[2K'

/** A terminal that interprets the little that the live view uses: return, erase the line, new line. */
function screen(columns: number) {
  const rows = ['']
  return {
    isTTY: true,
    columns,
    write(text: string) {
      text.split('\n').forEach((piece, place) => {
        if (place > 0) rows.push('')
        const [added = '', ...afterErasing] = piece.split(ERASE)
        const row = rows.pop() ?? ''
        rows.push(afterErasing.at(-1) ?? row + added)
      })
    },
    rows,
  }
}

const STATUS: LiveStatus = {
  time: '14:41',
  act: 'act 1',
  requestsPerSecond: 61,
  errorPercent: 0,
  p95Ms: 12,
  pool: { used: 3, max: 99, pending: 0 },
  firing: [],
}

describe('the live view on a terminal', () => {
  it('keeps the status below the lines, one of it', () => {
    const on = screen(100)
    const live = createLive(on, false)
    live.status(STATUS)
    live.line('Traffic set', '14:42')
    live.status({ ...STATUS, time: '14:43' })
    expect(on.rows).toEqual([
      '  14:42  Traffic set',
      expect.stringMatching(/^14:43 act 1 │ 61 req\/s │ errors 0\.0 % ▁▁ │/),
    ])
  })

  it.each([200, 120, 80, 50, 30])('never lets the status fill a row of %i columns, or it would wrap', (columns) => {
    const on = screen(columns)
    const live = createLive(on, false)
    const firing = ['error-rate', 'database-time-per-request', 'pool-utilisation-critical']
    for (let second = 0; second < 40; second++) live.status({ ...STATUS, errorPercent: second, firing })
    expect(on.rows).toHaveLength(1)
    expect(on.rows[0]?.length).toBeLessThan(columns)
  })

  it('gives up the curve before the words', () => {
    const on = screen(85)
    const live = createLive(on, false)
    for (let second = 0; second < 40; second++) live.status({ ...STATUS, firing: ['error-rate'] })
    expect(on.rows[0]).toMatch(/errors 0\.0 % │ .*firing: error-rate$/)
  })

  it('takes the status away when nothing goes on, and begins its curve anew', () => {
    const on = screen(100)
    const live = createLive(on, false)
    live.status({ ...STATUS, errorPercent: 50 })
    live.quiet()
    expect(on.rows).toEqual([''])
    live.status(STATUS)
    expect(on.rows[0]).toContain('% ▁ │')
  })

  it('shows no latency where nothing was answered', () => {
    const on = screen(100)
    createLive(on, false).status({ ...STATUS, requestsPerSecond: 0, p95Ms: null })
    expect(on.rows[0]).toContain('p95 –')
  })
})

describe('the live view without a terminal', () => {
  it('prints every line whole, and the status now and then', () => {
    const said: string[] = []
    const live = createLive({ write: (text: string) => said.push(text) }, false)
    const long = 'word '.repeat(60).trim()
    live.line(long, '14:42')
    for (let second = 0; second < 16; second++) live.status(STATUS)
    expect(said[0]).toBe(`  14:42  ${long}\n`)
    expect(said.slice(1)).toHaveLength(2)
  })
})
