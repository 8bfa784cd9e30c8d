import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderChart } from '../../src/adapters/charts/render-chart.ts'
import { type ChartSpec, MAX_LABEL_ROWS, placeMarkers } from '../../src/core/learn/chart.ts'
import { actCharts, comparedCharts } from '../../src/core/learn/chart-specs.ts'
import { factsOf } from '../../src/core/learn/facts.ts'
import { guardedInput, sampleFacts, unguardedInput } from './sample.ts'

const specs = (): readonly ChartSpec[] => {
  const facts = sampleFacts()
  return [...comparedCharts(facts), ...actCharts(facts.unguarded), ...actCharts(facts.guarded)]
}

describe('the charts of a drill', () => {
  it('are four of each act and four of both, with ids of their own', () => {
    const ids = specs().map((spec) => spec.id)
    expect(new Set(ids).size).toBe(12)
    expect(ids).toContain('both-database-time')
  })

  it('keep every line inside the axes that they show', () => {
    for (const { x, y, lines } of specs()) {
      for (const [at, value] of lines.flatMap((line) => line.points)) {
        expect(at).toBeGreaterThanOrEqual(x.min)
        expect(at).toBeLessThanOrEqual(x.max + 0.01)
        if (value !== null) {
          expect(value).toBeGreaterThanOrEqual(y.min)
          expect(value).toBeLessThanOrEqual(y.max)
        }
      }
    }
  })

  it('name round times of the incident on their axis, few enough to read', () => {
    for (const { x } of specs()) {
      expect(x.ticks.length).toBeGreaterThan(3)
      expect(x.ticks.length).toBeLessThanOrEqual(15)
      expect(x.ticks.every((tick) => /^\d\d:[0-5][05]$/.test(tick.label))).toBe(true)
    }
    const compared = specs()[0]
    expect(compared?.x.ticks.find((tick) => tick.x === 0)?.label).toBe('14:15')
  })

  it('leave out what was not measured instead of drawing nothing', () => {
    const facts = factsOf({ ...unguardedInput, series: [] }, 'e')
    expect(actCharts(facts)).toEqual([])
    expect(comparedCharts({ unguarded: facts, guarded: factsOf(guardedInput, 'g') }).length).toBeGreaterThan(0)
  })

  it('say in words what they show, for readers who cannot see them', () => {
    const spec = specs()[0]
    expect(spec?.description).toMatch(/as it happened: highest [\d.]+ at \d\d:\d\d; guarded: highest/)
  })
})

describe('labels of marked events', () => {
  const marker = fc.record({
    x: fc.double({ min: -10, max: 160, noNaN: true }),
    label: fc.string({ minLength: 1, maxLength: 24 }),
    tone: fc.constantFrom('unguarded' as const, 'guarded' as const),
  })

  it('never overlap and never hang out of the plot, however many events there are', () => {
    fc.assert(
      fc.property(fc.array(marker, { maxLength: 20 }), (markers) => {
        const placed = placeMarkers(markers, { x: { min: -10, max: 160 }, width: 900 })
        expect(placed).toHaveLength(markers.length)
        const shown = placed.filter((one) => one.row >= 0)
        for (const one of shown) {
          expect(one.row).toBeLessThan(MAX_LABEL_ROWS)
          expect(one.left).toBeGreaterThanOrEqual(0)
          expect(one.left + one.labelWidth).toBeLessThanOrEqual(900)
          const others = shown.filter((other) => other !== one && other.row === one.row)
          for (const other of others) {
            expect(other.left >= one.left + one.labelWidth || other.left + other.labelWidth <= one.left).toBe(true)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('find a place for every event of the sample drill', () => {
    for (const spec of specs()) {
      expect(placeMarkers(spec.markers, { x: spec.x, width: 900 }).filter((one) => one.row < 0)).toEqual([])
    }
  })
})

describe('a drawn chart', () => {
  const [spec] = specs()
  if (spec === undefined) throw new Error('no chart')

  it('is the same to the byte, whatever was drawn before it', () => {
    const first = renderChart(spec)
    for (const other of specs()) renderChart(other)
    expect(renderChart(structuredClone(spec))).toBe(first)
  })

  it('is a complete picture on a white ground, without scripts, styles for a mouse or numbered ids of the library', () => {
    const svg = renderChart(spec)
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+" viewBox=/)
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true)
    expect(svg).toContain('fill="#ffffff"')
    expect(svg).not.toMatch(/<script|<style|zr\d+-|NaN|undefined|null/)
    expect(svg).toContain(`<title id="${spec.id}-title">`)
  })

  it('shows labels from outside as text', () => {
    const svg = renderChart({
      ...spec,
      title: '</title><script>alert(1)</script>',
      description: '"><img src=x onerror=alert(1)>',
      markers: [{ x: 3, label: '<b>"&\'</b>', tone: 'bad' }],
      lines: spec.lines.map((line) => ({ ...line, name: '<i>x</i>' })),
    })
    expect(svg).not.toMatch(/<script|<img|<b>|<i>/)
  })

  it('refuses an id that could not be a file name', () => {
    expect(() => renderChart({ ...spec, id: '../x' })).toThrow(RangeError)
  })
})
