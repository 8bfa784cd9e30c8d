import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineReader, readListening } from './listening.ts'

describe('the line of a process that listens', () => {
  it('gives its addresses without a slash at the end', () => {
    const line = '{"event":"listening","service":"gateway","url":"http://127.0.0.1:41234/","adminUrl":"http://[::1]:5"}'
    expect(readListening(line)).toEqual({ url: 'http://127.0.0.1:41234', adminUrl: 'http://[::1]:5' })
    expect(readListening('{"event":"listening","url":"http://127.0.0.1:1"}')?.adminUrl).toBeNull()
  })

  it.each([
    '',
    'listening on http://127.0.0.1:1',
    '"listening"',
    'null "listening"',
    '{"event":"listening"}',
    '{"event":"listening","url":7}',
    '{"event":"listening","url":"no address"}',
    '{"event":"listening","url":"file:///etc/passwd"}',
    '{"event":"stopping","was":"listening","url":"http://127.0.0.1:1"}',
  ])('is not %s', (line) => expect(readListening(line)).toBeNull())

  it('is found whatever the pieces in which the output arrives', () => {
    const text = 'starting\n{"event":"listening","url":"http://127.0.0.1:1"}\nmore\n'
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
        const lines: string[] = []
        const read = createLineReader((line) => lines.push(line))
        const places = [0, ...cuts.sort((a, b) => a - b), text.length]
        for (const [index, place] of places.entries()) read(text.slice(place, places[index + 1] ?? text.length))
        expect(`${lines.join('\n')}\n`).toBe(text)
      }),
    )
  })
})
