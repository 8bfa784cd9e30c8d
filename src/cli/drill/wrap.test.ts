import { describe, expect, it } from 'vitest'
import { cut, wrap } from './wrap.ts'

const WORDS = 'Release 2.3.1 judged bad by rule database-time: 34 ms against 1.8 ms, 19 times as much'

describe('a line of the live view', () => {
  it('stays as it is where it fits, and where nobody says how wide the terminal is', () => {
    expect(wrap(WORDS, { columns: 200, indent: 9 })).toBe(WORDS)
    expect(wrap(WORDS, { columns: Number.POSITIVE_INFINITY, indent: 9 })).toBe(WORDS)
  })

  it('breaks between words, and goes on below its own beginning', () => {
    const rows = wrap(WORDS, { columns: 60, indent: 9 }).split('\n')
    expect(rows).toEqual([
      'Release 2.3.1 judged bad by rule database-time: 34',
      '         ms against 1.8 ms, 19 times as much',
    ])
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThan(60)
  })

  it('breaks a word that no row holds', () => {
    const rows = wrap('x'.repeat(70), { columns: 50, indent: 9 }).split('\n')
    expect(rows.map((row) => row.trim().length)).toEqual([40, 30])
  })

  it('ends after three rows and shows that there is more', () => {
    const rows = wrap(`${WORDS} ${WORDS} ${WORDS}`, { columns: 60, indent: 9 }).split('\n')
    expect(rows).toHaveLength(3)
    expect(rows[2]).toMatch(/…$/)
  })

  it('is cut to the width, the mark included', () => {
    expect(cut('12345', 5)).toBe('12345')
    expect(cut('123456', 5)).toBe('1234…')
  })
})
