/** Each tidy rule fires on the lines that its fixture marks with `// hit`, and on no other. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { declaredPackages, explainedPackages, forbiddenWords, localLinks } from '../tidy/documents.ts'
import { parse } from '../tidy/findings.ts'
import { compareCodes, problemCodes } from '../tidy/problem-codes.ts'
import { undocumented } from '../tidy/public-docs.ts'
import { RULES } from '../tidy/rules.ts'
import { root } from '../tidy/tree.ts'

const FIXTURES = join(root, 'test/guards/fixtures/tidy')

describe('the tidy rules', () => {
  it.each(RULES)('fire on the bad lines of $name, and on those only', ({ name, look }) => {
    const text = readFileSync(join(FIXTURES, `${name}.ts`), 'utf8')
    const bad = text.split('\n').flatMap((line, index) => (line.endsWith('// hit') ? [index + 1] : []))
    expect(bad.length).toBeGreaterThan(0)
    const found = look(parse(`${name}.ts`, text)).map((finding) => finding.line)
    expect([...new Set(found)].sort((a, b) => a - b)).toEqual(bad)
  })

  it('have no fixture without its rule', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(RULES.map((rule) => `${rule.name}.ts`).sort())
  })

  it('say what to do about a hit', () => {
    for (const rule of RULES) expect(rule.advice.length).toBeGreaterThan(30)
  })
})

describe('the checks of the whole tree', () => {
  const source = (text: string) => parse('a.ts', text)

  it('read the code of a Problem, also one that is only partly known', () => {
    const text = [
      "new Problem({ code: 'port-busy', what: '' })",
      `new Problem({ code: \`not-enough-\${what}\`, what })`,
      "new Problem({ code: full ? 'disk-full' : 'folder-gone' })",
      'new Problem(details)',
      'new Problem({ code })',
    ].join('\n')
    expect(problemCodes(source(text))).toEqual({
      codes: ['port-busy', 'not-enough-*', 'disk-full', 'folder-gone'],
      unreadable: [4, 5],
    })
  })

  it('notice a code without a page, and a page without a code', () => {
    const pages = ['port-busy', 'not-enough-disk', 'left-over']
    expect(compareCodes(['port-busy', 'not-enough-*', 'new-one'], pages)).toEqual({
      withoutPage: ['new-one'],
      withoutCode: ['left-over'],
    })
  })

  it('notice an exported function or type without TSDoc', () => {
    const text = [
      '/** Documented. */\nexport function one() {}',
      'export function two() {}',
      'export const three = () => 3',
      'export const four = 4',
      '// a comment, but no TSDoc\nexport interface Five {}',
      'export type Six = 6',
      'export class Seven {}',
      'function hidden() {}',
    ].join('\n')
    expect(undocumented(source(text))).toEqual(['two', 'three', 'Five', 'Six', 'Seven'])
  })

  it('notice a dependency without its sentence', () => {
    expect(explainedPackages('- `pg`: the client of PostgreSQL that all others build on.\n- `yaml`: short\n')).toEqual([
      'pg',
    ])
    expect(declaredPackages('{"dependencies":{"pg":"1"},"devDependencies":{"knip":"2"}}')).toEqual(['pg', 'knip'])
  })

  it('find the local links of a document', () => {
    const text = '[a](docs/a.md#part) [b](https://example.com) ![c](images/c.png) [d](#here)\n```\n[e](e.md)\n```\n'
    expect(localLinks(text)).toEqual(['docs/a.md', 'images/c.png'])
  })

  it('notice words about the place of writing', () => {
    expect(forbiddenWords(`fine\nsee ${'/wo'}${'rk/'}main\n`)).toHaveLength(1)
    expect(forbiddenWords('a framework/library\n')).toEqual([])
  })
})
