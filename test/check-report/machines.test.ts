import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_PAINT } from '../../src/core/check/report/paint.ts'
import { type ReportFormat, renderReport } from '../../src/core/check/report/render.ts'
import type { CheckResult } from '../../src/core/check/result.ts'
import { hostile, withText } from './hostile.ts'
import { FILE, judged, PASSED, REFUSED } from './sample.ts'

const render = (result: CheckResult, format: ReportFormat, prefix = '') =>
  renderReport(result, format, { paint: NO_PAINT, width: 100, prefix, version: '1.2.3' })

interface Sarif {
  readonly version: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly version: string; readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly level: string
      readonly partialFingerprints: Readonly<Record<string, string>>
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string }
          readonly region: { readonly startLine: number; readonly startColumn?: number }
        }
      }[]
    }[]
  }[]
}
const sarifOf = (result: CheckResult, prefix = '') => {
  const { runs } = JSON.parse(render(result, 'sarif', prefix)) as Sarif
  const [run] = runs
  if (run === undefined) throw new Error('SARIF without a run')
  return run
}
const fingerprints = (result: CheckResult) =>
  sarifOf(result).results.map((one) => one.partialFingerprints['premortem/v1'])

describe('SARIF', () => {
  it('points each result to its rule, and to a line of a file from the root of the repository', () => {
    const { tool, results } = sarifOf(REFUSED, 'examples/payments/')
    for (const one of results) {
      expect(tool.driver.rules[one.ruleIndex]?.id).toBe(one.ruleId)
      expect(one.locations[0]?.physicalLocation.artifactLocation.uri).toBe(`examples/payments/${FILE}`)
    }
    const regression = results.find((one) => one.ruleId === 'plan-regression')
    expect(regression?.level).toBe('error')
    expect(regression?.locations[0]?.physicalLocation.region).toEqual({ startLine: 18 })
    expect(tool.driver.version).toBe('1.2.3')
  })

  it('tells of the rollback, which has no finding of its own', () => {
    expect(sarifOf(REFUSED).results.map((one) => one.ruleId)).toContain('rollback-regressed')
  })

  it('recognises a finding again when lines and numbers have moved, and tells two of them apart', () => {
    const moved = {
      ...REFUSED,
      findings: REFUSED.findings.map((one) => ({
        ...one,
        line: one.line === null ? null : one.line + 7,
        message: one.message.replaceAll('50,000,000', '51,300,117'),
      })),
    }
    expect(fingerprints(moved)).toEqual(fingerprints(REFUSED))
    const twice = { ...REFUSED, findings: [...REFUSED.findings, ...REFUSED.findings] }
    expect(new Set(fingerprints(twice)).size).toBe(fingerprints(twice).length)
  })
})

/** As GitHub's runner reads a line: white space before a command does not matter. */
const commandsIn = (text: string): readonly string[] => text.split(/\r\n|\r|\n/).filter((line) => /^\s*::/.test(line))

describe('GitHub annotations', () => {
  it('mark the guilty line, and give the whole report folded in the log', () => {
    const text = render(REFUSED, 'github')
    expect(text).toContain(
      `::error file=${FILE},line=18,title=A query gets a worse plan (plan-regression)::ListPending`,
    )
    expect(text).toContain('%0ADo: Keep idx_payment_transactions_created_at')
    expect(text).toMatch(/::group::premortem check\n[\s\S]*Plans that get worse[\s\S]*\n::endgroup::\nFAIL /)
  })

  it('send nobody to a file for what is about none', () => {
    expect(render(REFUSED, 'github')).toMatch(/^::warning title=The snapshot is old/m)
  })

  it('let no text begin a command of its own', () => {
    const plain = commandsIn(render(withText(REFUSED, 'x'), 'github')).length
    fc.assert(
      fc.property(hostile, (text) => {
        const out = render(withText(REFUSED, text), 'github')
        expect(commandsIn(out)).toHaveLength(plain)
        const others = out.split('\n').filter((line) => !line.startsWith('::'))
        expect(others.filter((line) => line.includes('##['))).toEqual([])
        for (const command of commandsIn(out)) {
          const properties = command.split('::')[1] ?? ''
          expect(properties).toMatch(
            /^(group|endgroup|(error|warning|notice) ((file=[^,]*,line=\d+,)?(col=\d+,)?title=[^,]*))$/,
          )
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('GitLab code quality', () => {
  it('has what GitLab asks for: a path, a line, a fingerprint of its own and a severity', () => {
    const issues = JSON.parse(render(REFUSED, 'gitlab', 'db')) as readonly {
      fingerprint: string
      severity: string
      location: { path: string; lines: { begin: number } }
    }[]
    expect(new Set(issues.map((one) => one.fingerprint)).size).toBe(issues.length)
    for (const one of issues) {
      expect(one.location.path).toBe(`db/${FILE}`)
      expect(one.location.lines.begin).toBeGreaterThanOrEqual(1)
      expect(['info', 'minor', 'major', 'critical', 'blocker']).toContain(one.severity)
    }
    expect(JSON.parse(render(PASSED, 'gitlab'))).toEqual([])
  })
})

/** Reads XML as far as JUnit uses it; throws where tags do not close. */
function namesOf(xml: string): readonly string[] {
  const body = xml.replace(/^<\?xml[^>]*\?>/, '')
  const open: string[] = []
  const names: string[] = []
  const tag = /<(\/?)([A-Za-z-]+)((?:\s+[A-Za-z]+="[^"<]*")*)\s*(\/?)>/g
  let at = 0
  for (const match of body.matchAll(tag)) {
    if (/[<]|&(?!#\d+;)/.test(body.slice(at, match.index))) throw new Error('markup in a text')
    at = match.index + match[0].length
    if (match[1] === '/') {
      if (open.pop() !== match[2]) throw new Error(`${match[2]} closes what is not open`)
    } else {
      names.push(match[2] ?? '')
      if (match[4] !== '/') open.push(match[2] ?? '')
    }
  }
  if (open.length > 0 || body.slice(at).trim() !== '') throw new Error('not closed')
  return names
}
const countIn = (names: readonly string[], name: string) => names.filter((one) => one === name).length

describe('JUnit', () => {
  it('fails where the check fails, with as many failures as it says, and nowhere when it passes', () => {
    const xml = render(REFUSED, 'junit')
    const failures = countIn(namesOf(xml), 'failure')
    expect(xml).toContain(`failures="${failures}"`)
    expect(xml).toMatch(/<testcase name="ListPending"[^>]*>\s*<failure/)
    expect(countIn(namesOf(render(PASSED, 'junit')), 'failure')).toBe(0)
  })

  it('does not turn a pipeline red for what only warns', () => {
    const warned = judged({ ...PASSED, findings: REFUSED.findings.filter((one) => one.severity === 'warning') })
    expect(warned.verdict).toBe('warn')
    const names = namesOf(render(warned, 'junit'))
    expect(countIn(names, 'failure')).toBe(0)
    expect(countIn(names, 'system-out')).toBeGreaterThan(0)
  })

  it('stays well-formed XML whatever the texts are', () => {
    const plain = namesOf(render(withText(REFUSED, 'x'), 'junit')).filter((one) => one !== 'system-out')
    fc.assert(
      fc.property(hostile, (text) => {
        const xml = render(withText(REFUSED, `m${text}`), 'junit')
        expect(namesOf(xml).filter((one) => one !== 'system-out')).toEqual(plain)
        expect(xml).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cs}]/u)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the HTML report', () => {
  const tags = (page: string) => [...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map((match) => match[1])

  it('needs nothing else: no script, nothing from elsewhere', () => {
    const page = render(REFUSED, 'html')
    expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|href=|url\(|@import/i)
    expect(page).toContain("default-src 'none'")
  })

  it('has the same structure whatever the texts are', () => {
    const plain = tags(render(withText(REFUSED, 'x'), 'html'))
    fc.assert(
      fc.property(hostile, (text) => {
        expect(tags(render(withText(REFUSED, `m${text}`), 'html'))).toEqual(plain)
      }),
      { numRuns: 200 },
    )
  })
})
