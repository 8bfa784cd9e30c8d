import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Problem } from '../../src/base/problem.ts'
import { loadConfig, parseConfig } from '../../src/cli/config/load.ts'
import { migrationPathsOf, queryPathsOf, releasesOf, requireRelease } from '../../src/cli/config/paths.ts'
import { configSchema } from '../../src/cli/config/schema.ts'
import { DEFAULT_POLICY } from '../../src/core/check/gate/policy.ts'
import { textOf } from '../tidy/tree.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'premortem-config-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function files(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), '')
  }
}

function problemOf(text: string): Problem {
  try {
    parseConfig(text, 'premortem.yaml')
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('premortem.yaml', () => {
  it('is found from a folder below it, and gives defaults for what it leaves out', async () => {
    await writeFile(join(folder, 'premortem.yaml'), 'service: payment-service\nqueries: queries/*.sql\n')
    await mkdir(join(folder, 'a/b'), { recursive: true })
    const config = await loadConfig(join(folder, 'a/b'))
    expect(config).toMatchObject({
      folder,
      service: 'payment-service',
      snapshot: 'premortem.snapshot.json',
      queries: ['queries/*.sql'],
      policy: DEFAULT_POLICY,
    })
  })

  it('need not be there, and is not looked for beyond the repository', async () => {
    await mkdir(join(folder, 'repository/.git'), { recursive: true })
    await writeFile(join(folder, 'premortem.yaml'), 'service: another')
    const config = await loadConfig(join(folder, 'repository'))
    expect(config).toMatchObject({ file: null, service: null, folder: join(folder, 'repository') })
  })

  it('that was named must be there', async () => {
    await expect(loadConfig(folder, 'other.yaml')).rejects.toMatchObject({
      code: 'config-unreadable',
      where: 'other.yaml',
    })
  })

  it('sets the policy over the defaults, and rules by themselves', () => {
    const text = 'check:\n  policy:\n    plan-regression: warn\n    rules:\n      integer-id: off\n'
    expect(parseConfig(text, 'f').check?.policy).toEqual({ 'plan-regression': 'warn', rules: { 'integer-id': 'off' } })
  })

  it.each([
    ['a misspelt key, with the one that is meant', 'service: a\nsnapshoot: b\n', ':2:1', 'did you mean "snapshot"?'],
    [
      'a misspelt key further down',
      'check:\n  policy:\n    plan-regresion: warn\n',
      ':3:5',
      'did you mean "plan-regression"?',
    ],
    ['a value that is none of those allowed', 'check:\n  policy:\n    errors: explode\n', ':3:13', 'fail, warn, off'],
    ['a value of another type', 'service: a\npostgres: sixteen\n', ':2:11', 'number'],
    ['an alias that leads nowhere', 'service: *nobody\n', ':1:1', 'alias'],
    ['broken YAML', 'service: [a\nsnapshot: b\n', ':', ''],
    ['a key that stands twice', 'service: a\nservice: b\n', ':2:1', 'unique'],
    ['something else than keys', '- a\n- b\n', ':1:1', 'object'],
  ])('is refused for %s, at its line', (...[, text, place, words]) => {
    const problem = problemOf(text)
    expect(problem.code).toBe('config-invalid')
    expect(problem.where).toContain(`premortem.yaml${place}`)
    expect(problem.message).toContain(words)
  })

  it('is refused when it holds a password, without repeating it', () => {
    const problem = problemOf('service: a\nsnapshot: postgres://app:hunter2@db/payments\n')
    expect(problem).toMatchObject({ code: 'config-holds-secret', where: 'premortem.yaml:2:11' })
    expect(JSON.stringify(problem) + problem.message).not.toContain('hunter2')
  })

  it('never makes the reader fail with anything but a problem', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `service: ${text}`),
        ),
        (text) => {
          try {
            parseConfig(text, 'f')
          } catch (error) {
            expect(error).toBeInstanceOf(Problem)
          }
        },
      ),
    )
  })

  it('has its published schema', async () => {
    const schema = z.toJSONSchema(configSchema, { target: 'draft-2020-12' })
    expect(JSON.parse(textOf('docs/schema/premortem.yaml.json'))).toEqual(JSON.parse(JSON.stringify(schema)))
  })
})

describe('releases and their files', () => {
  const TEXT =
    'releases: releases/*\nmigrations: releases/{release}/migrations\nqueries: [queries/*.sql, "releases/{release}/queries.sql"]\n'

  it('are ordered as versions, and each has its own migrations and the shared queries', async () => {
    await writeFile(join(folder, 'premortem.yaml'), TEXT)
    await files(
      'releases/2.10.0/queries.sql',
      'releases/2.9.0/migrations/1.sql',
      'releases/2.9.1/x',
      'queries/a.sql',
      'releases/README.md',
    )
    const config = await loadConfig(folder)
    expect(await releasesOf(config)).toEqual(['2.9.0', '2.9.1', '2.10.0'])
    expect(await migrationPathsOf(config, '2.9.0')).toEqual(['releases/2.9.0/migrations'])
    expect(await migrationPathsOf(config, '2.9.1')).toEqual([])
    expect(await queryPathsOf(config, '2.10.0')).toEqual(['queries/a.sql', 'releases/2.10.0/queries.sql'])
    expect(await queryPathsOf(config, null)).toEqual(['queries/a.sql'])
  })

  it('are named when one is asked for that is not there', async () => {
    await writeFile(join(folder, 'premortem.yaml'), TEXT)
    const config = await loadConfig(folder)
    expect(() => requireRelease('2.9.9', ['2.9.0', '2.9.1'], config)).toThrow(/2\.9\.9.*2\.9\.0, 2\.9\.1/)
    expect(() => requireRelease('1', [], config)).toThrow(/no folders of releases/)
  })

  it('may be one folder without releases', async () => {
    await writeFile(join(folder, 'premortem.yaml'), 'migrations: [db/*.sql]\n')
    await files('db/10_b.sql', 'db/9_a.sql')
    const config = await loadConfig(folder)
    expect(await releasesOf(config)).toEqual([])
    expect(await migrationPathsOf(config, null)).toEqual(['db/9_a.sql', 'db/10_b.sql'])
  })
})
