import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { buildPostmortem } from '../../src/core/learn/build.ts'
import type { PostmortemInput } from '../../src/core/learn/context.ts'
import { renderMarkdown } from '../../src/core/learn/render.ts'
import { isQuestion, plain } from '../../src/core/learn/rich.ts'
import { guardedInput, sampleResult, unguardedInput, unguardedResult } from './sample.ts'
import { BAD, FIX } from './sample-world.ts'

const unguarded: PostmortemInput = { drill: sampleResult, subject: unguardedInput, other: guardedInput }
const guarded: PostmortemInput = { drill: sampleResult, subject: guardedInput, other: unguardedInput }

const markdownOf = (input: PostmortemInput): string => renderMarkdown(buildPostmortem(input))
const definitionsOf = (markdown: string): ReadonlyMap<string, string> =>
  new Map([...markdown.matchAll(/^\[\^([^\]]+)\]: (.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']))

describe('the postmortem of the act as it happened', () => {
  const model = buildPostmortem(unguarded)
  const markdown = renderMarkdown(model)
  const definitions = definitionsOf(markdown)

  it('keeps the duration of the incident apart from that of its impact', () => {
    expect(markdown).toContain('**Duration of the incident:** 135 s (2 h 15 min of incident time), from 14:32')
    expect(markdown).toContain('**Duration of the impact:** 83.3 s (1 h 23 min of incident time)')
  })

  it('has an action for every factor and everything that did not go well', () => {
    const because = model.actions.horizons
      .flatMap((horizon) => horizon.items)
      .map((item) => plain(item.because))
      .join('; ')
    const wrong = [...model.cause.factors, ...model.wentBadly]
    expect(wrong.length).toBeGreaterThan(8)
    for (const finding of wrong) expect(because).toContain(finding.title)
  })

  it('gives the counted figures as result.json has them', () => {
    expect(definitions.get('r-failedPayments')).toBe('`result.json`: `acts.unguarded.failedPayments` = `418`')
    expect(markdown).toContain('**Failed payments**: 418[^r-failedPayments]')
  })

  it('describes an event where it is the source', () => {
    expect(definitions.get('e28')).toMatch(
      /^`payment-service\/28`, 15:35:00 \(80 s after the release was requested\), `release.abort-requested` by Alice/,
    )
  })

  it('adds up: affected payments are failed plus delayed, and good plus bad is the total', () => {
    const known = model.impact.user.flatMap((statement) => (isQuestion(statement) ? statement.known : [])).map(plain)
    expect(known.join()).toContain('649 paying customers')
    const { failedPayments, delayedPayments } = unguardedResult
    expect(failedPayments + delayedPayments).toBe(649)
  })

  it('measures each attempt before and after, and says when other changes fell in between', () => {
    const rows = model.timeline.attempts?.rows.map((row) => row.map(plain)) ?? []
    expect(rows.map((row) => row[7])).toEqual(['no', 'in part', 'made it worse', expect.stringMatching(/^yes/)])
    const [, , third] = rows
    expect(Number.parseFloat(third?.[4] ?? '')).toBeGreaterThan(Number.parseFloat(third?.[3] ?? ''))
  })

  it('says which guard would have spoken how much earlier', () => {
    const rows = model.guards.replayed.rows.map((row) => row.map(plain))
    expect(rows.map((row) => row[0])).toEqual(
      expect.arrayContaining([expect.stringContaining('database time per request')]),
    )
    expect(rows.every((row) => / earlier$/.test(row[4] ?? ''))).toBe(true)
  })

  it('does not call a bucket quiet that holds the peak', () => {
    const [main] = model.supporting.buckets
    const rows = main?.table.rows.map((row) => row.map(plain)) ?? []
    const highest = Math.max(...rows.map((row) => Number.parseFloat(row[1] ?? '0')))
    expect(highest).toBeGreaterThan(5)
    expect(highest).toBeLessThanOrEqual(unguardedResult.peakErrorRatePercent)
  })

  it('cites what the other act named instead of inventing a cause', () => {
    expect(model.cause.statement).toBeNull()
    expect(markdown).toContain('The diagnosis of the guarded act names for the same release')
  })

  it('does not blame: the sign-offs are empty and the authors are asked', () => {
    expect(markdown).toMatch(/\| Incident commander +\| – +\| – +\|/)
    expect(markdown).toContain('**Authors:** *Question for the authors:*')
  })

  it('does not count a setting as left behind that the fix has set back', () => {
    const drift = model.cause.factors.find((factor) => factor.title === 'The system did not come back as it was')
    const lines = drift?.lines.map((line) => (isQuestion(line) ? line.text : plain(line))) ?? []
    expect(lines.join()).toContain('pool.max')
    expect(lines.join()).not.toContain('replicas')
    expect(
      unguardedInput.events.some((event) => event.type === 'release.requested' && event.data.release === FIX),
    ).toBe(true)
  })
})

describe('the postmortem of the guarded act', () => {
  const model = buildPostmortem(guarded)

  it('names release, statement, plan, index and the line of the migration', () => {
    const said = model.cause.immediate.map((one) => (isQuestion(one) ? one.text : plain(one))).join('\n')
    expect(said).toContain(BAD)
    expect(said).toContain('0005_payment_review.sql:12')
    expect(said).toContain('CREATE INDEX idx_payment_transactions_created_at')
    expect(model.cause.statement).toContain('payment_transactions')
    expect(model.cause.plan.join()).toContain('Seq Scan')
  })

  it('says that the rollback was automatic, and what harm was left', () => {
    expect(model.title).toContain('rolled back automatically')
    expect(model.wentWell.map((point) => point.title)).toContain('The rollback did not wait for anybody')
    expect(model.wentBadly.map((point) => point.title)).toContain('Customers still paid for finding the fault')
  })

  it('reports the overridden check as a factor and as the stage that could have caught it', () => {
    expect(model.cause.factors.map((factor) => factor.title)).toContain('A check had said no and was overridden')
    const check = model.cause.stages.find((stage) => stage.stage === 'Check before the release')
    expect(check !== undefined && !isQuestion(check.said) && plain(check.said)).toContain('overridden on purpose')
  })
})

describe('values from outside in a postmortem', () => {
  it('cannot add a section, a footnote, a cell or markup', () => {
    const nasty =
      'x\n\n## Injected\n\n[^e1]: forged | <script>alert(1)</script> | @here ![p](http://evil.example/p.png)'
    const events = unguardedInput.events.map((event) =>
      event.type === 'finding.made' ? { ...event, data: { ...event.data, text: nasty } } : event,
    )
    const markdown = markdownOf({ ...unguarded, subject: { ...unguardedInput, events } })
    const clean = markdownOf(unguarded)
    expect(markdown.match(/^#+ .*$/gm)).toEqual(clean.match(/^#+ .*$/gm))
    expect([...definitionsOf(markdown).keys()]).toEqual([...definitionsOf(clean).keys()])
    const page = micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })
    expect(page).not.toContain('<script')
    expect(page).not.toContain('evil.example/p.png"')
  })
})
