import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_SAMPLES, type MetricSample, parseExposition } from './exposition.ts'

function renderNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

function render(sample: MetricSample): string {
  const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const labels = [...sample.labels].map(([name, value]) => `${name}="${escaped(value)}"`).join(',')
  const time = sample.timestamp === null ? '' : ` ${sample.timestamp}`
  return `${sample.name}${labels === '' ? '' : `{${labels}}`} ${renderNumber(sample.value)}${time}`
}

const aSample: fc.Arbitrary<MetricSample> = fc.record({
  name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/),
  labels: fc
    .dictionary(
      fc.oneof(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]*$/), fc.constant('__proto__')),
      fc.string({ unit: 'binary' }),
      { maxKeys: 5, noNullPrototype: false },
    )
    .map((labels) => new Map(Object.entries(labels))),
  value: fc.double().map((value) => (Object.is(value, -0) ? 0 : value)),
  timestamp: fc.option(fc.integer({ min: 0, max: 4_102_444_800_000 })),
})

const one = (text: string) => parseExposition(text).samples[0]

describe('the exposition format', () => {
  it('gives back every sample that was rendered, whatever its labels and value', () => {
    fc.assert(
      fc.property(fc.array(aSample, { maxLength: 20 }), (samples) => {
        const parsed = parseExposition(samples.map((sample) => `${render(sample)}\n`).join(''))
        expect(parsed.skippedLines).toBe(0)
        expect(parsed.samples).toEqual(samples)
      }),
    )
  })

  it('reads a metric as prom-client writes it, comments passed over', () => {
    const text = [
      '# HELP http_server_request_duration_seconds How long "it" took',
      '# TYPE http_server_request_duration_seconds histogram',
      '',
      'http_server_request_duration_seconds_bucket{le="0.001",service_version="2.3.1"} 3',
      'http_server_request_duration_seconds_bucket{le="+Inf",service_version="2.3.1"} 1.5e3 1710512345678',
    ].join('\n')
    const { samples, skippedLines } = parseExposition(text)
    expect(skippedLines).toBe(0)
    expect(samples.map((sample) => [sample.labels.get('le'), sample.value, sample.timestamp])).toEqual([
      ['0.001', 3, null],
      ['+Inf', 1500, 1710512345678],
    ])
  })

  it('takes blanks, a trailing comma and a name without labels', () => {
    expect(one('up 1')?.labels.size).toBe(0)
    expect(one('up { a = "b" , c = "d" , }  2 ')?.labels).toEqual(
      new Map([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    )
  })

  it('reads NaN and the infinities in the spellings of Go', () => {
    expect(['NaN', '+Inf', 'Inf', '-Inf', '+1', '.5', '5.'].map((text) => one(`x ${text}`)?.value)).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1,
      0.5,
      5,
    ])
  })

  it.each([
    'x',
    'x{',
    'x{a="b" 1',
    'x{a="b} 1',
    'x{a=b} 1',
    'x{a="1",a="2"} 1',
    'x{1a="b"} 1',
    '1x 1',
    'x one',
    'x 1 2 3',
    'x 1 soon',
    'x 0x10',
    'x{a="b"}',
    'x{a="b"c="d"} 1',
  ])('leaves out the bad line %s, counts it and keeps its neighbours', (bad) => {
    const { samples, skippedLines } = parseExposition(`a 1\n${bad}\nb 2\n`)
    expect(skippedLines).toBe(1)
    expect(samples.map((sample) => sample.name)).toEqual(['a', 'b'])
  })

  it('never throws, and accounts for every line of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { samples, skippedLines } = parseExposition(text)
        const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
        expect(samples.length + skippedLines).toBe(lines.length)
      }),
    )
  })

  it('holds a bounded number of samples', () => {
    const text = 'x 1\n'.repeat(MAX_SAMPLES + 3)
    const { samples, skippedLines } = parseExposition(text)
    expect(samples.length).toBe(MAX_SAMPLES)
    expect(skippedLines).toBe(3)
  })
})
