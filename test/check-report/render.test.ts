import { readFileSync } from 'node:fs'
import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { NO_PAINT } from '../../src/core/check/report/paint.ts'
import { REPORT_FORMATS, type ReportFormat, renderReport } from '../../src/core/check/report/render.ts'
import type { CheckResult, PlanReport } from '../../src/core/check/result.ts'
import { FILE, PASSED, REFUSED } from './sample.ts'
import { checkShape, publishedSchema, sameFields } from './shape.ts'

const render = (result: CheckResult, format: ReportFormat, width = 100) =>
  renderReport(result, format, { paint: NO_PAINT, width })

const regressionOf = (result: CheckResult): PlanReport => {
  const plan = result.plans.find((one) => one.regressed)
  if (plan === undefined) throw new Error('the sample has a regression')
  return plan
}

describe('every form of the report', () => {
  it.each(REPORT_FORMATS)('%s names the guilty file and what got worse, and ends with a newline', (format) => {
    const text = render(REFUSED, format)
    expect(text).toContain('0005_payment_review.sql')
    expect(text).toContain('ListPending')
    expect(text.endsWith('\n')).toBe(true)
  })

  it.each(REPORT_FORMATS)('%s gives the same bytes for the same result', (format) => {
    expect(render(structuredClone(REFUSED), format)).toBe(render(REFUSED, format))
  })

  it.each(REPORT_FORMATS)('%s tells of a change without findings, plans and statements', (format) => {
    const empty = { ...PASSED, release: null, files: [], plans: [], checklist: [], assumptions: [], timings: {} }
    expect(render(empty, format).length).toBeGreaterThan(0)
  })
})

describe('the terminal report', () => {
  const text = render(REFUSED, 'terminal', 80)

  it('begins with the verdict, the guilty line, the query and both times in one sentence', () => {
    const [head] = text.replace(/\n {6}/g, ' ').split('\n')
    expect(head).toBe(
      'FAIL  Release 2.3.1 is refused: 0005_payment_review.sql:18 (DROP INDEX idx_payment_transactions_created_at) makes ListPending (1,240 calls/min) take about 8.2 s instead of 63 ms; 1 more query gets a worse plan; drop-index-without-concurrently at 0005_payment_review.sql:18.',
    )
  })

  it('passes in one sentence that says what was looked at', () => {
    expect(render(PASSED, 'terminal', 200).split('\n')[0]).toBe(
      "PASS  Release 2.3.2 passes: 3 queries planned at production's size, 1 better, none worse; 2.3.0 is a safe rollback target.",
    )
  })

  it('names a guilty statement once for all queries that it makes worse', () => {
    expect(text.split(`${FILE}:18 makes 2 queries worse`)).toHaveLength(2)
    expect(text.split('> DROP INDEX idx_payment_transactions_created_at')).toHaveLength(2)
  })

  it('keeps every line within the width, but for SQL to copy and for paths', () => {
    for (const width of [60, 80, 110, 140]) {
      const long = render(REFUSED, 'terminal', width)
        .split('\n')
        .filter((line) => line.length > width && !line.includes('CREATE INDEX CONCURRENTLY') && !line.includes('.sql'))
      expect(long).toEqual([])
    }
  })

  it('draws the plans side by side where there is room, with the change marked, and below each other where not', () => {
    const wide = render(REFUSED, 'terminal', 140)
    expect(wide).toMatch(
      /~ .*Index Scan using idx_payment_transactions_created_at.*│.*Seq Scan on payment_transactions/,
    )
    expect(text).not.toContain('│')
    expect(text).toMatch(/~ +Seq Scan on payment_transactions pt[^│]*\n? *filter: status = 'pending'/)
  })

  it('tells a regression once: not again among the findings', () => {
    expect(text).not.toContain('plan-regression')
    expect(text).toContain('missing-lock-timeout')
  })

  it('shows a proposed index whole, to be copied', () => {
    expect(text).toContain(`${regressionOf(REFUSED).advice?.sql};\n`)
  })

  it('has colours only where they were handed in, and the same text with them', () => {
    const painted = renderReport(REFUSED, 'terminal', { paint: pc.createColors(true), width: 80 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(text)
    expect(painted).not.toBe(text)
  })

  it('lets no value of a query reach the terminal as a control sequence', () => {
    const plan = { ...regressionOf(REFUSED), name: null, query: 'SELECT \u001b[2J\u001b]0;x\u0007 1 \u202e2' }
    const hostile = { ...REFUSED, plans: [plan] }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(render(hostile, 'terminal')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })

  it('says how many regressions it does not show', () => {
    const plan = regressionOf(REFUSED)
    const plans = Array.from({ length: 60 }, (_, at) => ({ ...plan, name: `Q${at}`, fingerprint: `f${at}` }))
    const long = render({ ...REFUSED, plans }, 'terminal')
    expect(long).toContain('Q25')
    expect(long).toContain('and 34 more')
  })
})

describe('the JSON', () => {
  it('has the published shape', () => {
    expect(sameFields.every((same) => same)).toBe(true)
    for (const result of [REFUSED, PASSED]) {
      expect(checkShape.parse(JSON.parse(render(result, 'json')))).toEqual(JSON.parse(JSON.stringify(result)))
    }
  })

  it('is described by docs/schema/check-1.json', () => {
    const written = readFileSync(new URL('../../docs/schema/check-1.json', import.meta.url), 'utf8')
    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(publishedSchema())))
  })

  it('has its fields in one order, however the result was put together', () => {
    const turned = Object.fromEntries(Object.entries(REFUSED).reverse()) as unknown as CheckResult
    expect(render(turned, 'json')).toBe(render(REFUSED, 'json'))
  })

  it('keeps fields that a newer version adds', () => {
    const newer = { ...REFUSED, added: 1 }
    expect(JSON.parse(render(newer, 'json'))).toHaveProperty('added', 1)
  })
})
