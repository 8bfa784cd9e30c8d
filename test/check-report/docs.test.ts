import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/cli/config/load.ts'
import { CONDITIONS, DEFAULT_POLICY } from '../../src/core/check/gate/policy.ts'
import { RULES } from '../../src/core/check/lint/rules.ts'
import { REPORT_FORMATS } from '../../src/core/check/report/render.ts'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('docs/config.md', () => {
  it('shows a configuration that is read, and names rules that are there', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page('config.md')) ?? []
    const config = parseConfig(example, 'docs/config.md')
    const known = RULES.map((rule) => rule.id)
    for (const rule of Object.keys({ ...config.lint?.rules, ...config.check?.policy?.rules }))
      expect(known).toContain(rule)
  })

  it('names every condition with its default', () => {
    for (const name of CONDITIONS) {
      expect(page('config.md')).toMatch(new RegExp(`\\| \`${name}\` *\\| \`${DEFAULT_POLICY[name]}\` `))
    }
  })
})

describe('docs/check-report.md', () => {
  it('names every form of the report', () => {
    for (const format of REPORT_FORMATS) expect(page('check-report.md')).toContain(`| \`${format}\` `)
  })
})
