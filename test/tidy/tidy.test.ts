/** Holds the whole tree to the house's numbers. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import allowance from './allowance.json' with { type: 'json' }
import { declaredPackages, explainedPackages, forbiddenWords, localLinks } from './documents.ts'
import { parse } from './findings.ts'
import { compareCodes, problemCodes } from './problem-codes.ts'
import { undocumented } from './public-docs.ts'
import { RULES } from './rules.ts'
import { filesUnder, root, textOf } from './tree.ts'

const MAX_FILE_LINES = 300
/** Tables, recorded data and rule data: long because there is much of it, not because it does much. */
const MAY_BE_LONG = new Set(['test/learn/sample-ledger.ts', 'test/snapshot/fixtures/awkward.pg-dump-15.sql'])

const all = filesUnder('')
const code = all.filter((path) => /[.](ts|mjs|js|sql|css)$/.test(path))
const sources = code.filter((path) => path.endsWith('.ts')).map((path) => ({ path, source: parse(path, textOf(path)) }))
const product = sources.filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))

describe('every source file', () => {
  it.each(RULES)('keeps the rule $name', (rule) => {
    const hits = sources
      .filter(({ path }) => rule.appliesTo(path))
      .flatMap(({ path, source }) => rule.look(source).map(({ line, what }) => `${path}:${line} ${what}`))
    expect(hits, rule.advice).toEqual([])
  })

  it(`has at most ${MAX_FILE_LINES} lines`, () => {
    const long = code
      .filter((path) => !MAY_BE_LONG.has(path))
      .map((path) => ({ path, lines: textOf(path).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MAX_FILE_LINES)
    expect(long, 'Take one subject out into a file of its own.').toEqual([])
  })

  it('is looked at', () => {
    expect(product.length).toBeGreaterThan(20)
  })
})

describe('every exported function and type of src', () => {
  const missing = new Map(product.map(({ path, source }) => [path, undocumented(source)]))
  const allowed = new Map<string, number>(Object.entries(allowance.withoutTsdoc))

  it('has TSDoc, but for the few of old that may only become fewer', () => {
    const worse = [...missing].filter(([path, names]) => names.length > (allowed.get(path) ?? 0))
    expect(worse, 'Write what it does, with units, ranges and @throws.').toEqual([])
  })

  it('lowers the allowance when one was written', () => {
    const better = [...allowed].filter(([path, count]) => (missing.get(path)?.length ?? 0) < count)
    expect(better, 'Run "npm run tidy:lower": it writes the new, lower counts into test/tidy/allowance.json.').toEqual(
      [],
    )
  })
})

describe('the documents', () => {
  const pages = filesUnder('docs/errors', /[.]md$/)
    .map((path) => path.replace(/^docs\/errors\/|[.]md$/g, ''))
    .filter((page) => page !== 'README')
  const made = [...product, ...sources.filter(({ path }) => path.startsWith('examples/'))].map(({ path, source }) => ({
    path,
    ...problemCodes(source),
  }))

  it('have one page for every error code, and no page without its code', () => {
    const codes = made.flatMap((file) => file.codes)
    expect(codes.length).toBeGreaterThan(0)
    expect(compareCodes(codes, pages)).toEqual({ withoutPage: [], withoutCode: [] })
  })

  it('can be found from the source: every Problem names its code where it is made', () => {
    expect(made.flatMap(({ path, unreadable }) => unreadable.map((line) => `${path}:${line}`))).toEqual([])
  })

  it('list every error page in docs/errors/README.md', () => {
    const listed = localLinks(textOf('docs/errors/README.md')).filter((link) => !link.startsWith('..'))
    expect([...new Set(listed)].sort()).toEqual(pages.map((page) => `${page}.md`).sort())
  })

  it('give every dependency one sentence, and no sentence to what is not there', () => {
    const explained = explainedPackages(textOf('docs/dependencies.md'))
    expect([...explained].sort()).toEqual([...declaredPackages(textOf('package.json'))].sort())
  })

  it('have no link that leads nowhere', () => {
    const broken = all
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        localLinks(textOf(path))
          .filter((link) => !existsSync(join(root, dirname(path), decodeURI(link))))
          .map((link) => `${path}: ${link}`),
      )
    expect(broken).toEqual([])
  })

  it('and the code speak of the product, not of where they were written', () => {
    const text = all.filter(
      (path) => /[.](ts|mjs|js|json|jsonc|md|sql|yaml|yml|html|css|svg)$/.test(path) || !path.includes('.'),
    )
    expect(text.flatMap((path) => forbiddenWords(textOf(path)).map((hit) => `${path} ${hit}`))).toEqual([])
  })
})
