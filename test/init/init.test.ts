import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/cli/config/load.ts'
import { migrationPathsOf, queryPathsOf, releasesOf } from '../../src/cli/config/paths.ts'
import { CHECKLIST } from '../../src/core/check/gate/checklist.ts'
import { runCli } from '../drill/cli.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'premortem-init-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function repository(files: Readonly<Record<string, string>>, git = true): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  if (git) execFileSync('git', ['init', '-q', folder])
}
const textOf = (path: string) => readFileSync(join(folder, path), 'utf8')
const init = (...args: string[]) => runCli(folder, ['init', ...args])

/** All files but git's own, with their text. */
function everything(): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => !/^\.git(\/|$)/.test(path))
  return Object.fromEntries(
    paths.filter((path) => statSync(join(folder, path)).isFile()).map((path) => [path, textOf(path)]),
  )
}

const TABLE = 'CREATE TABLE a (id bigint PRIMARY KEY);\n'

describe('premortem init', () => {
  it('writes a configuration that loads and finds the migrations, a job, the checklist, and says so', async () => {
    repository({
      'db/migrations/V1__a.sql': TABLE,
      'db/migrations/V2__b.sql': TABLE,
      'queries/a.sql': '-- name: One :one\nSELECT 1;\n',
      'queries/b.sql': '-- name: Two :many\nSELECT 2;\n',
      '.github/workflows/test.yml': 'name: test\n',
      'go.mod': 'module example.com/shop\n',
    })
    const { code, stdout } = await init()
    expect(code).toBe(0)
    expect(stdout).toContain('2 migrations in db/migrations (flyway)')
    expect(stdout).toContain('wrote premortem.yaml')
    const config = await loadConfig(folder)
    expect(config).toMatchObject({
      service: 'shop',
      format: 'flyway',
      migrations: ['db/migrations'],
      queries: ['queries/*.sql'],
    })
    expect(await migrationPathsOf(config, null)).toEqual(['db/migrations'])
    expect(await queryPathsOf(config, null)).toEqual(['queries/a.sql', 'queries/b.sql'])
    expect(textOf('premortem.yaml')).toMatch(/^# yaml-language-server: \$schema=\S+premortem\.yaml\.json\n/)
    for (const item of CHECKLIST) expect(textOf('.github/pull_request_template.md')).toContain(`- [ ] ${item}`)
    expect(textOf('.gitignore')).toBe('.premortem/\n')
  })

  it('writes a workflow that checks the change, uploads SARIF and comments', async () => {
    repository({ 'migrations/0001_a.up.sql': TABLE, '.github/CODEOWNERS': '' })
    await init()
    const workflow = parse(textOf('.github/workflows/premortem.yml')) as {
      on: { pull_request: { paths: readonly string[] } }
      permissions: Readonly<Record<string, string>>
      jobs: { check: { steps: readonly { run?: string; uses?: string; with?: Readonly<Record<string, unknown>> }[] } }
    }
    const { steps } = workflow.jobs.check
    const uses = steps.flatMap((step) => step.uses ?? [])
    expect(uses.every((one) => /^[\w-]+\/[\w/-]+@v\d+$/.test(one))).toBe(true)
    expect(uses.some((one) => one.startsWith('github/codeql-action/upload-sarif@'))).toBe(true)
    expect(
      steps.some((step) =>
        /check --base "\$BASE" --format github --report sarif=premortem[.]sarif --report markdown=\S+$/.test(
          step.run?.trim() ?? '',
        ),
      ),
    ).toBe(true)
    expect(workflow.on.pull_request.paths).toContain('migrations/**')
    expect(workflow.permissions).toEqual({ contents: 'read', 'pull-requests': 'write', 'security-events': 'write' })
    const script = steps.find((step) => step.uses?.startsWith('actions/github-script'))?.with?.script
    // Compiles as the action compiles it: the body of an async function.
    expect(() => new Function(`return async (github, context, require) => {${String(script)}}`)).not.toThrow()
  })

  it('finds one folder a release, as in the payments example', async () => {
    const files = ['2.3.0', '2.3.1', '2.10.0'].flatMap((release) => [
      [`releases/${release}/migrations/0001_${release}.sql`, TABLE],
      [`releases/${release}/queries.sql`, '-- name: One :one\nSELECT 1;\n'],
    ])
    repository(Object.fromEntries(files))
    await init('--ci', 'none')
    const config = await loadConfig(folder)
    expect(await releasesOf(config)).toEqual(['2.3.0', '2.3.1', '2.10.0'])
    expect(await migrationPathsOf(config, '2.3.1')).toEqual(['releases/2.3.1/migrations'])
    expect(await queryPathsOf(config, '2.3.1')).toEqual(['releases/2.3.1/queries.sql'])
  })

  it.each([
    ['dbmate', 'db/migrations/20240101000000_a.sql', '-- migrate:up\nSELECT 1;\n', 'db/migrations'],
    ['goose', 'sql/00001_a.sql', '-- +goose Up\nSELECT 1;\n', 'sql'],
    ['prisma', 'prisma/migrations/20240101000000_a/migration.sql', TABLE, 'prisma/migrations'],
    ['node-pg-migrate', 'migrations/1700000000000_a.sql', '-- Up Migration\nSELECT 1;\n', 'migrations'],
    ['supabase', 'supabase/migrations/20240101000000_a.sql', TABLE, 'supabase/migrations'],
    ['golang-migrate', 'odd folder/mig#1/000001_a.up.sql', TABLE, 'odd folder/mig#1'],
  ])('knows migrations of %s', async (...row) => {
    const [format, path, text, where] = row
    repository({ [path]: text })
    expect((await init()).code).toBe(0)
    expect(await loadConfig(folder)).toMatchObject({ format, migrations: [where] })
  })

  it('knows sqitch by its plan, and never takes a way back for a migration', async () => {
    repository({
      'sqitch.plan': '%project=x\na 2024\n',
      'deploy/a.sql': TABLE,
      'revert/a.sql': TABLE,
      'verify/a.sql': TABLE,
    })
    const { stdout } = await init()
    expect(await loadConfig(folder)).toMatchObject({ format: 'sqitch', migrations: ['deploy'] })
    expect(stdout).toContain('1 migration in deploy')
  })

  it('says what to do where migrations are no SQL, and still writes a configuration that loads', async () => {
    repository({ 'package.json': '{"name": "x", "dependencies": {"knex": "^3"}}', 'migrations/1_a.js': '' })
    const { stdout } = await init()
    expect(stdout).toContain('let it print the SQL of each migration')
    expect(await loadConfig(folder)).toMatchObject({ service: 'x', migrations: [] })
  })

  it('changes nothing when it is run again', async () => {
    repository({ 'migrations/0001_a.sql': TABLE, '.gitlab-ci.yml': 'test:\n  script: [make]\n' })
    const first = await init()
    expect(first.stdout).toContain('add to .gitlab-ci.yml')
    const before = everything()
    expect(Object.keys(before)).toContain('.gitlab/premortem.yml')
    const again = await init()
    expect(again.stdout).toContain('Nothing to change')
    expect(everything()).toEqual(before)
  })

  it('writes a job of GitLab that parses, and a pipeline where there is none', async () => {
    repository({ 'migrations/0001_a.sql': TABLE })
    await init('--ci', 'gitlab')
    const job = parse(textOf('.gitlab/premortem.yml')) as {
      premortem: { script: readonly string[]; artifacts: object }
    }
    expect(job.premortem.script.join('\n')).toContain('--report gitlab=gl-code-quality-report.json')
    expect(parse(textOf('.gitlab-ci.yml'))).toEqual({ include: [{ local: '.gitlab/premortem.yml' }] })
  })

  it('adds the checklist to a template and keeps every word of it', async () => {
    const own = '## What\r\n\r\nwhy? <!-- tell -->'
    repository({ '.github/PULL_REQUEST_TEMPLATE.md': own })
    await init()
    expect(textOf('.github/PULL_REQUEST_TEMPLATE.md').startsWith(own)).toBe(true)
    expect(existsSync(join(folder, '.github/pull_request_template.md'))).toBe(false)
  })

  it('replaces no file without a yes: refuses where it cannot ask, and has changed nothing then', async () => {
    repository({ 'migrations/0001_a.sql': TABLE, '.github/workflows/premortem.yml': 'name: ours\n' })
    const before = everything()
    const refused = await init()
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('init-would-replace')
    expect(everything()).toEqual(before)
    expect((await init('--yes')).stdout).toContain('replaced .github/workflows/premortem.yml')
    expect(textOf('.github/workflows/premortem.yml')).toContain('premortem init')
  })

  it('never touches a configuration that is there, and follows it', async () => {
    const own = 'migrations: schema/changes\nsnapshot: prod.json\n'
    repository({ 'premortem.yaml': own, 'schema/changes/0001.sql': TABLE })
    await init('--yes', '--ci', 'github')
    expect(textOf('premortem.yaml')).toBe(own)
    expect(textOf('.github/workflows/premortem.yml')).toContain("hashFiles('prod.json')")
    expect(textOf('.github/workflows/premortem.yml')).toContain("- 'schema/changes/**'")
  })

  it('tells of a configuration that is there and broken, and writes nothing', async () => {
    repository({ 'premortem.yaml': 'migratons: x\n' })
    const { code, stderr } = await init('--ci', 'github')
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean "migrations"')
    expect(Object.keys(everything())).toEqual(['premortem.yaml'])
  })

  it('writes nothing with --dry-run, and prints what it would write', async () => {
    repository({ 'migrations/0001_a.sql': TABLE })
    const { code, stdout } = await init('--dry-run', '--ci', 'github')
    expect(code).toBe(0)
    expect(stdout).toContain('would write premortem.yaml')
    expect(stdout).toContain('yaml-language-server')
    expect(Object.keys(everything())).toEqual(['migrations/0001_a.sql'])
  })

  it('works without git, and in a folder of a repository', async () => {
    repository({ 'services/pay/migrations/0001_a.sql': TABLE }, false)
    expect((await init()).stdout).toContain('no git repository')
    rmSync(join(folder, 'premortem.yaml'))
    execFileSync('git', ['init', '-q', folder])
    const { stdout } = await runCli(join(folder, 'services/pay'), ['init', '--ci', 'github', '--json'])
    const files = (JSON.parse(stdout) as { files: readonly { path: string }[] }).files.map((one) => one.path)
    expect(files).toEqual([
      'premortem.yaml',
      '../../.github/workflows/premortem.yml',
      '../../.github/pull_request_template.md',
      '.gitignore',
    ])
    const workflow = textOf('.github/workflows/premortem.yml')
    expect(workflow).toContain("working-directory: 'services/pay'")
    expect(workflow).toContain("- 'services/pay/migrations/**'")
    expect(workflow).toContain('sarif_file: services/pay/premortem.sarif')
  })

  it('undoes what it wrote when a file cannot be written', async () => {
    repository({ 'migrations/0001_a.sql': TABLE, '.github': 'a file where a folder is needed' })
    const before = everything()
    const { code, stderr } = await init('--ci', 'github')
    expect(code).toBe(2)
    expect(stderr).toContain('init-not-written')
    expect(everything()).toEqual(before)
  })

  it('says so when the folder is read-only', async () => {
    repository({ 'migrations/0001_a.sql': TABLE }, false)
    chmodSync(folder, 0o555)
    try {
      const { code, stderr } = await init()
      // Root may write anywhere; then there is nothing to refuse.
      if (process.getuid?.() === 0) expect(code).toBe(0)
      else expect([code, stderr]).toEqual([2, expect.stringContaining('init-not-written')])
    } finally {
      chmodSync(folder, 0o755)
    }
  })
})
