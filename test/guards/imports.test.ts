/** The import rules of .dependency-cruiser.mjs: each fires on its bad fixture, and the tree itself keeps them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { describe, expect, it } from 'vitest'
import { filesUnder, root } from '../tidy/tree.ts'

const FIXTURES = join(root, 'test/guards/fixtures/imports')
const FOLDERS = ['src', 'examples', 'bin', 'test', 'bench', 'sim', 'scripts']

const options = await extractOptions(join(root, '.dependency-cruiser.mjs'))
const rules = (options.ruleSet?.forbidden ?? []).map((rule) => ({ name: rule.name ?? '', comment: rule.comment ?? '' }))
const fixtures = readdirSync(FIXTURES)

async function lookAt(baseDir: string): Promise<ICruiseResult> {
  const present = FOLDERS.filter((folder) => readdirSync(baseDir).includes(folder))
  const { output } = await cruise(
    present,
    { ...options, baseDir },
    {},
    { tsConfig: extractTsConfig(join(root, 'tsconfig.json')) },
  )
  if (typeof output === 'string') throw new Error(output)
  return output
}

const told = (result: ICruiseResult) =>
  result.summary.violations.map((violation) => `${violation.rule.name}: ${violation.from} → ${violation.to}`)

const looked = (result: ICruiseResult) =>
  result.modules
    .map((module) => module.source)
    .filter((source) => /[.](ts|mjs)$/.test(source) && FOLDERS.some((folder) => source.startsWith(`${folder}/`)))

describe('the import rules', () => {
  it('are kept by every file of the tree', { timeout: 120_000 }, async () => {
    const result = await lookAt(root)
    expect(told(result)).toEqual([])
    const files = FOLDERS.flatMap((folder) => filesUnder(folder, /[.](ts|mjs)$/))
    expect(files.length).toBeGreaterThan(0)
    // With a TypeScript that it does not know, dependency-cruiser reports success over no module at all.
    expect(looked(result).sort()).toEqual(files.sort())
  })

  it('pass a tree that uses every import that is allowed', async () => {
    const result = await lookAt(join(FIXTURES, 'clean'))
    expect(told(result)).toEqual([])
    expect(looked(result)).toHaveLength(12)
  })

  it.each(rules)('say what a hit of $name means and what to do', ({ comment }) => {
    expect(comment.length).toBeGreaterThan(60)
  })

  it.each(rules)('have a bad fixture for $name', ({ name }) => {
    expect(fixtures.map((fixture) => fixture.replace(/--.*/, ''))).toContain(name)
  })

  it.each(fixtures.filter((fixture) => fixture !== 'clean'))('fire on %s', async (fixture) => {
    const result = await lookAt(join(FIXTURES, fixture))
    expect(result.summary.violations.map((violation) => violation.rule.name)).toContain(fixture.replace(/--.*/, ''))
  })
})
