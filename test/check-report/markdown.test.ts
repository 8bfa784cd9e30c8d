import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { NO_PAINT } from '../../src/core/check/report/paint.ts'
import { renderReport } from '../../src/core/check/report/render.ts'
import type { CheckResult } from '../../src/core/check/result.ts'
import { hostile, withText } from './hostile.ts'
import { PASSED, REFUSED } from './sample.ts'

const markdown = (result: CheckResult) => renderReport(result, 'markdown', { paint: NO_PAINT, width: 100 })

/** As GitHub and GitLab would, with nothing taken out: their sanitisers are a second line. */
const rendered = (result: CheckResult): string =>
  micromark(markdown(result), { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })

const tagsOf = (markup: string): readonly string[] => [
  ...new Set([...markup.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map((match) => match[1] ?? '')),
]
const countOf = (markup: string, tag: string): number => markup.split(`<${tag}`).length - 1

const STRUCTURE = ['h2', 'h3', 'h4', 'details', 'summary', 'table', 'tr', 'input', 'sub']

describe('the comment on a pull request', () => {
  it('begins with the marker by which a bot finds it again', () => {
    expect(markdown(REFUSED).startsWith('<!-- premortem-check -->\n')).toBe(true)
  })

  it('renders as headings, diffs and folded details', () => {
    const markup = rendered(REFUSED)
    expect(countOf(markup, 'details')).toBeGreaterThan(3)
    expect(markup).toContain('<code class="language-diff">')
    expect(markup).toContain('+         Seq Scan on payment_transactions pt')
    expect(markup).toContain('-       Index Scan using idx_payment_transactions_created_at')
    expect(rendered(PASSED)).toContain('passes')
  })

  it('lets no text of a query, a name, a file or a message become markup', () => {
    const plain = rendered(withText(REFUSED, 'x'))
    const allowed = new Set(tagsOf(plain))
    fc.assert(
      fc.property(hostile, (text) => {
        const markup = rendered(withText(REFUSED, text))
        expect(tagsOf(markup).filter((tag) => !allowed.has(tag))).toEqual([])
        for (const tag of STRUCTURE) expect([tag, countOf(markup, tag)]).toEqual([tag, countOf(plain, tag)])
        expect(markup).not.toMatch(/<a\s/)
        expect(markup.split('<!--')).toHaveLength(2)
      }),
      { numRuns: 150 },
    )
  })

  it('is never longer than a comment may be, and says what was left out', () => {
    const [plan] = REFUSED.plans
    const [finding] = REFUSED.findings
    if (plan === undefined || finding === undefined) throw new Error('the sample has both')
    const huge = {
      ...REFUSED,
      plans: Array.from({ length: 40 }, (_, at) => ({
        ...plan,
        name: `Query${at}`,
        query: 'SELECT 1 '.repeat(2000),
        blamedOn: { file: 'a.sql', line: at + 1, sql: 'DROP INDEX x' },
      })),
      findings: Array.from({ length: 900 }, (_, at) => ({ ...finding, line: at + 1, message: 'words '.repeat(300) })),
    }
    const text = markdown(huge)
    expect(text.length).toBeLessThan(65_536)
    expect(text).toContain('Left out, because a comment holds no more')
    expect(text).toContain('Findings')
    expect(text).toContain('### Rollback to 2.3.0')
  })
})
