import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { buildPostmortem } from '../../src/core/learn/build.ts'
import type { PostmortemInput } from '../../src/core/learn/context.ts'
import type { ActInput } from '../../src/core/learn/facts.ts'
import { renderMarkdown } from '../../src/core/learn/render.ts'
import { isQuestion, plain } from '../../src/core/learn/rich.ts'
import type { ActResult } from '../../src/core/rehearse/result.ts'
import { guardedInput, sampleResult, unguardedInput, unguardedResult } from './sample.ts'
import { clockOf } from './sample-world.ts'

const unguarded: PostmortemInput = { drill: sampleResult, subject: unguardedInput, other: guardedInput }
const guarded: PostmortemInput = { drill: sampleResult, subject: guardedInput, other: unguardedInput }

const NOTHING_MEASURED: ActResult = {
  ...unguardedResult,
  firstBadRequestAt: null,
  secondsToAlert: null,
  secondsToCause: null,
  secondsToRollbackDecision: null,
  secondsToRecovery: null,
  secondsFromDecisionToHealthyLatency: null,
  failedPayments: 0,
  delayedPayments: 0,
}

const empty: ActInput = { result: NOTHING_MEASURED, events: [], series: [], clock: clockOf('unguarded') }
/** A release and nothing after it: no alert, no cause, no decision. */
const onlyRelease: ActInput = {
  ...empty,
  events: unguardedInput.events.slice(0, 6),
  series: unguardedInput.series.slice(0, 40),
}
/** Bad requests, but nobody did anything and it never recovered. */
const neverRecovered: ActInput = {
  ...unguardedInput,
  result: {
    ...unguardedResult,
    secondsToCause: null,
    secondsToRollbackDecision: null,
    secondsToRecovery: null,
    secondsFromDecisionToHealthyLatency: null,
  },
  events: unguardedInput.events.slice(0, 8),
}

const CASES: readonly (readonly [name: string, input: PostmortemInput])[] = [
  ['the act as it happened', unguarded],
  ['the guarded act', guarded],
  ['an act without any event or curve', { drill: sampleResult, subject: empty, other: null }],
  ['an act in which nothing followed the release', { drill: sampleResult, subject: onlyRelease, other: empty }],
  ['an act that never recovered', { drill: sampleResult, subject: neverRecovered, other: guardedInput }],
]

const markdownOf = (input: PostmortemInput): string => renderMarkdown(buildPostmortem(input))
const bodyOf = (markdown: string): string => markdown.replace(/^\[\^[^\]]+\]: .*$/gm, '')
const definitionsOf = (markdown: string): ReadonlyMap<string, string> =>
  new Map([...markdown.matchAll(/^\[\^([^\]]+)\]: (.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']))
/** Without blocks of code, code spans, headings of sections and links: what is left is prose and cells. */
const proseOf = (markdown: string): readonly string[] =>
  bodyOf(markdown)
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')
    .replace(/!?\[[^\]^]*\]\(<?[^)]*>?\)/g, '')
    .replace(/<code>.*?<\/code>|(`+)[^`].*?\1/g, '')
    .split('\n')

const SECTIONS = [
  '## Executive Summary',
  '## Impact',
  '### User Impact',
  '### Business Impact',
  '### Technical Impact',
  '## Timeline (All Times UTC)',
  '### Lead-up',
  '### Detection',
  '### Investigation',
  '### Mitigation Attempts',
  '### Recovery',
  '### Post-Incident',
  '## Root Cause Analysis',
  '### Immediate Cause',
  '### Contributing Factors',
  "### Why It Wasn't Caught Earlier",
  '## Which Guard Would Have Fired When',
  '## What Went Well',
  "## What Didn't Go Well",
  '## Action Items',
  '### Immediate (',
  '### Short-term',
  '### Long-term',
  '## Lessons Learned',
  '### Technical Lessons',
  '### Process Lessons',
  '## Supporting Information',
  '### Metrics and Graphs',
  '### Related Incidents',
  '### External References',
  '## Feedback and Questions',
  '## Postmortem Review Sign-offs',
  '**Distribution:**',
  '**Confidentiality:**',
  '**Note:**',
]

describe.each(CASES)('the postmortem of %s', (_name, input) => {
  const markdown = markdownOf(input)

  it('is the same to the byte when it is built again', () => {
    expect(markdownOf(structuredClone(input))).toBe(markdown)
  })

  it('has every section, in order', () => {
    const places = SECTIONS.map((section) => markdown.indexOf(`\n${section}`))
    expect(places.every((place) => place > 0)).toBe(true)
    expect([...places].sort((a, b) => a - b)).toEqual(places)
  })

  it('resolves every reference, and defines nothing that is not used', () => {
    const used = new Set([...bodyOf(markdown).matchAll(/\[\^([^\]]+)\]/g)].map((match) => match[1] ?? ''))
    expect([...definitionsOf(markdown).keys()].sort()).toEqual([...used].sort())
    expect([...used].every((label) => /^[A-Za-z0-9_-]+$/.test(label))).toBe(true)
  })

  it('is read by a GFM parser with all footnotes linked', () => {
    const page = micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()] })
    expect(page).not.toContain('[^')
    expect([...page.matchAll(/<li id="user-content-fn-/g)]).toHaveLength(definitionsOf(markdown).size)
  })

  it('never says null, NaN, undefined or Infinity', () => {
    expect(markdown).not.toMatch(/\bnull\b|NaN|undefined|Infinity|\[object/)
  })

  it('names a source for every figure that it states', () => {
    const tableWithSourcesInItsIntroduction = /^\| \d\d:\d\d – /
    const bare = proseOf(markdown).filter((line) => {
      const stated = line
        .replace(/^\d+\. \*\*.*\*\*$|^#.*$|^\*\*(?:Note|Confidentiality):.*$/, '')
        .replace(/^\| (?:Id|Service|Attempt|Guard|Alert rule|Measure|Incident time|Role) .*$/, '')
        .replace(/\bp(?:50|95|99)\b/g, '')
      return (
        /\d/.test(stated.replace(/\[\^[^\]]+\]/g, '')) &&
        !stated.includes('[^') &&
        !tableWithSourcesInItsIntroduction.test(line)
      )
    })
    // What is left are limits of the method and proposals: ours, not measured.
    const ours = /^A phase begins|^\| A\d+ |^\*\*Latency, 95th percentile/
    expect(bare.filter((line) => !ours.test(line.trimStart()))).toEqual([])
  })

  it('puts every event into one phase, phases that never overlap', () => {
    const { phases } = buildPostmortem(input).timeline
    const ranges = phases.flatMap((phase) => (phase.range === null ? [] : [phase.range]))
    ranges.forEach((range, place) => {
      expect(range.from).toBeLessThanOrEqual(range.to)
      const next = ranges[place + 1]
      if (next !== undefined) expect(range.to).toBe(next.from)
    })
    const entries = phases.flatMap((phase) => phase.entries)
    expect(entries.map((entry) => entry.at)).toEqual(entries.map((entry) => entry.at).sort((a, b) => a - b))
    for (const phase of phases) {
      for (const entry of phase.entries) {
        expect(phase.range !== null && entry.at >= phase.range.from && entry.at <= phase.range.to).toBe(true)
      }
    }
    const told = input.subject.events.filter((event) => !/^(decision|command\.succeeded|timer)/.test(event.type))
    const marked = [input.subject.result.firstBadRequestAt, input.subject.result.secondsToRecovery].filter(
      (value) => value !== null,
    )
    expect(entries).toHaveLength(told.length + marked.length)
  })

  it('asks an owner for every action, and gives each action a fact that asks for it', () => {
    const model = buildPostmortem(input)
    const items = model.actions.horizons.flatMap((horizon) => horizon.items)
    expect(new Set(items.map((item) => item.id)).size).toBe(items.length)
    for (const item of items) expect(plain(item.because)).not.toBe('')
    expect(isQuestion(model.actions.ask)).toBe(true)
  })
})
