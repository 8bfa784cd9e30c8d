/** The guards that are programs: the tree passes them, and each of them fires. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from '../tidy/tree.ts'
import { biomePlayground, run } from './tools.ts'

const FIXTURES = join(root, 'test/guards/fixtures')
const TIMEOUT = { timeout: 180_000 }

interface BiomeReport {
  readonly summary: { readonly errors: number; readonly warnings: number }
  readonly diagnostics: readonly {
    readonly category: string
    readonly location: { readonly path: string; readonly start: { readonly line: number } }
  }[]
}

describe('the tree', () => {
  it('typechecks', TIMEOUT, async () => {
    const { code, text } = await run('tsc', ['-p', 'tsconfig.json'])
    expect(code, text).toBe(0)
  })

  it('is formatted and linted without a warning', TIMEOUT, async () => {
    const { code, text } = await run('biome', ['check', '--error-on-warnings', '--max-diagnostics=50'])
    expect(code, text).toBe(0)
    expect(Number(/Checked (\d+) files/.exec(text)?.[1])).toBeGreaterThan(50)
  })

  it('has no dead file, export or dependency', TIMEOUT, async () => {
    const { code, text } = await run('knip', ['--no-progress'])
    expect(code, text).toBe(0)
  })
})

describe('biome', () => {
  const playground = biomePlayground(join(FIXTURES, 'biome'))
  afterAll(playground.remove)

  const report = run('biome', ['check', '--reporter=json', '--error-on-warnings', '.'], playground.folder).then(
    ({ code, text }) => ({ code, ...(JSON.parse(text.slice(0, text.lastIndexOf('}') + 1)) as BiomeReport) }),
  )
  const hits = async (fixture: string) =>
    (await report).diagnostics.filter((diagnostic) => diagnostic.location.path.includes(`${fixture}/`))

  it('fails when a rule fires', async () => {
    expect((await report).code).not.toBe(0)
  })

  it('says nothing about clean files: the core may build a date from a value, an adapter and a test may wait', async () => {
    expect(await hits('clean')).toEqual([])
  })

  it('fires on each global that the core must not reach for', async () => {
    const lines = (await hits('noRestrictedGlobals')).map((hit) => hit.location.start.line)
    expect(lines.sort()).toEqual([1, 2, 3, 4, 5])
  })

  it.each(['noRestrictedGlobals', 'noExplicitAny', 'noNonNullAssertion', 'useImportType', 'noUnusedImports', 'format'])(
    'fires on %s',
    async (rule) => {
      const categories = (await hits(rule)).map((hit) => hit.category.split('/').at(-1))
      expect([...new Set(categories)]).toEqual([rule])
    },
  )
})

describe('knip', () => {
  it('fires on a dead file, a dead export and a dependency that nobody uses', TIMEOUT, async () => {
    const fixture = join(FIXTURES, 'knip')
    const { code, text } = await run('knip', ['--no-progress', '--directory', fixture, '--reporter', 'symbols'])
    expect(code).not.toBe(0)
    expect(text).toContain('src/core/check/left-over.ts')
    expect(text).toContain('deadExport')
    expect(text).toMatch(/yaml\s+package\.json/)
    expect(text).not.toMatch(/\bused\b/)
  })
})

describe('the compiler', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
  const problems = (file: string) => {
    const path = join(FIXTURES, 'types', file)
    return ts.getPreEmitDiagnostics(ts.createProgram([path], options)).map((diagnostic) => {
      const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? -1
      return `${line + 1} TS${diagnostic.code}`
    })
  }

  it('fires on what type stripping cannot run, and on what strict types forbid', TIMEOUT, () => {
    const expected = readFileSync(join(FIXTURES, 'types/bad.ts'), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const code = / \/\/ (TS\d+)$/.exec(line)?.[1]
        return code === undefined ? [] : [`${index + 1} ${code}`]
      })
    expect(problems('bad.ts').sort()).toEqual(expected.sort())
  })

  it('passes a clean file', TIMEOUT, () => {
    expect(problems('clean.ts')).toEqual([])
  })
})
