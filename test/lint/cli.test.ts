/** `premortem lint` as a person runs it. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { printSnapshot } from '../../src/core/check/snapshot-file.ts'
import { runCli } from '../drill/cli.ts'
import { productionOf } from './production.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'premortem-lint-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const lint = (...args: readonly string[]) => runCli(folder, ['lint', ...args])
const json = async (...args: readonly string[]) => {
  const { code, stdout } = await lint(...args, '--json')
  return {
    code,
    ...(JSON.parse(stdout) as {
      verdict: string
      files: { path: string }[]
      findings: Record<string, unknown>[]
      summary: object
      fixes: { applied: unknown[]; written: boolean }
    }),
  }
}
const QUIET = ['--rule', 'missing-lock-timeout=off', '--rule', 'missing-statement-timeout=off']

describe('premortem lint', () => {
  it('shows each finding with its place, its line, a caret and what to do; exits 0 without an error', async () => {
    write('migrations/0001_a.sql', '\n  ALTER TABLE payments DROP COLUMN region;\n')
    const { code, stdout } = await lint(...QUIET, '--rule', 'drop-column=warning')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^migrations\/0001_a\.sql:2:\d+ warning drop-column\n {2}2 \| {3}ALTER TABLE payments DROP COLUMN region;\n {4}\| +\^\n/,
    )
    expect(stdout).toContain('do: ')
    expect(stdout).toContain('1 warning in 1 file.')
  })

  it('exits 1 with an error among the findings, and draws where SQL cannot be read', async () => {
    write('a.sql', 'SELECT 1;\n  SELEC 2;\n')
    const { code, stdout } = await lint('a.sql')
    expect(code).toBe(1)
    expect(stdout).toContain('a.sql:2:3 error syntax-error\n  2 |   SELEC 2;\n    |   ^\n')
  })

  it('says so when there is nothing to say', async () => {
    write('a.sql', 'SELECT 1;\n')
    expect(await lint('a.sql')).toMatchObject({ code: 0, stdout: 'No findings in 1 file.\n', stderr: '' })
  })

  it('follows production’s size with a snapshot', async () => {
    write('a.sql', 'ALTER TABLE payments ALTER COLUMN amount TYPE numeric USING amount::numeric;\n')
    const schema = ['CREATE TABLE public.payments (id bigint, amount integer)']
    for (const [rows, severity] of [
      [50_000_000, 'error'],
      [200, 'note'],
    ] as const) {
      const workload = { 'SELECT amount FROM payments WHERE id = $1': 1240 }
      write('s.json', printSnapshot(productionOf({ tables: [{ name: 'payments', rows }], schema, workload })))
      const { code, findings } = await json('a.sql', '--snapshot', 's.json')
      const finding = findings.find(({ rule }) => rule === 'column-type-change')
      expect([finding?.severity, code]).toEqual([severity, severity === 'error' ? 1 : 0])
      expect(finding?.message).toContain(`payments has ${rows.toLocaleString('en')} rows`)
    }
  })

  it('leaves out what the snapshot says is in production already', async () => {
    write('migrations/0001_a.sql', 'DROP TABLE a;\n')
    write('migrations/0002_b.sql', 'DROP TABLE b;\n')
    write('s.json', printSnapshot(productionOf({ applied: ['0001'] })))
    const { files } = await json('migrations', '--snapshot', 's.json')
    expect(files.map(({ path }) => path)).toEqual(['migrations/0002_b.sql'])
  })

  it('tells many findings by rule, with their places', async () => {
    write('a.sql', Array.from({ length: 60 }, (_, at) => `ALTER TABLE t${at} DROP COLUMN x;`).join('\n'))
    const { stdout } = await lint('a.sql', ...QUIET, '--rule', 'drop-column=warning')
    expect(stdout).toMatch(/^drop-column warning, 60 places$/m)
    expect(stdout).toContain('and 52 more')
  })

  it('prints JSON and nothing else when asked', async () => {
    write('a.sql', 'ALTER TABLE payments DROP COLUMN region;\n')
    const { verdict, findings, summary } = await json('a.sql', ...QUIET, '--rule', 'drop-column=error')
    expect(verdict).toBe('fail')
    expect(summary).toMatchObject({ error: 1 })
    expect(findings[0]).toMatchObject({
      rule: 'drop-column',
      severity: 'error',
      file: 'a.sql',
      line: 1,
      message: expect.any(String),
      remedy: expect.any(String),
      fixable: false,
    })
  })

  it('reads folders of a tool in its order, without the way back', async () => {
    write('m/10_b.up.sql', 'SELECT 1')
    write('m/9_a.up.sql', 'SELECT 1')
    write('m/9_a.down.sql', 'DROP TABLE a')
    write('m/node_modules/x.sql', 'DROP TABLE a')
    const { files, findings } = await json('m')
    expect(files.map(({ path }) => path)).toEqual(['m/9_a.up.sql', 'm/10_b.up.sql'])
    expect(findings).toEqual([])
  })

  it('lists its rules', async () => {
    const { code, stdout } = await lint('--list-rules')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^drop-column +\w+ +/m)
    expect(stdout).toMatch(/^syntax-error +error +/m)
  })
})

describe('premortem lint --fix', () => {
  const SQL = '-- é\nCREATE INDEX i ON payments (region);\n'

  it('changes the files, and says how much', async () => {
    write('a.sql', SQL)
    chmodSync(join(folder, 'a.sql'), 0o640)
    const { code, stdout } = await lint('a.sql', '--fix', ...QUIET)
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Fixed \d findings? in 1 file\.$/m)])
    expect(readFileSync(join(folder, 'a.sql'), 'utf8')).toMatch(
      /^-- é\nCREATE INDEX CONCURRENTLY .*i ON payments \(region\);\n$/,
    )
  })

  it('only shows the changes with --dry-run', async () => {
    write('a.sql', SQL)
    const { stdout } = await lint('a.sql', '--fix', '--dry-run', ...QUIET)
    expect(stdout).toMatch(
      /^--- a\/a\.sql\n\+\+\+ b\/a\.sql\n@@ -1,2 \+1,2 @@\n -- é\n-CREATE INDEX i ON payments \(region\);\n\+CREATE INDEX CONCURRENTLY /,
    )
    expect(readFileSync(join(folder, 'a.sql'), 'utf8')).toBe(SQL)
  })
})

describe('bad input', () => {
  const refusals: readonly [string, readonly string[], RegExp][] = [
    ['a path that is not there', ['nope'], /^error There is no file or folder nope\.$/m],
    ['a folder without SQL', ['empty'], /^error There is no migration that goes forward in empty\.$/m],
    ['a file that is no text', ['latin1.sql'], /^error latin1\.sql cannot be read: it is not text in UTF-8\.$/m],
    ['a file that is far too large', ['huge.sql'], /^error huge\.sql has 16777217 bytes; 16777216 is the most/m],
    ['a format that does not exist', ['--format', 'liquibase', 'empty'], /^error --format got 'liquibase'/m],
    ['a rule that does not exist', ['--rule', 'drop-colum=off', 'ok.sql'], /did you mean drop-column\?$/m],
    [
      'a setting that does not exist',
      ['--rule', 'drop-column=maybe', 'ok.sql'],
      /^error --rule got 'drop-column=maybe'/m,
    ],
    ['--dry-run alone', ['--dry-run', 'ok.sql'], /^error --dry-run was given without --fix\.$/m],
    ['an option that does not exist', ['--fxi', 'ok.sql'], /^error unknown option '--fxi'$/m],
  ]

  it.each(refusals)('%s is one clear error', async (_, args, expected) => {
    mkdirSync(join(folder, 'empty'))
    write('ok.sql', 'SELECT 1')
    write('latin1.sql', Buffer.from([0x2d, 0x2d, 0xe9, 0x0a]))
    if (args.includes('huge.sql')) write('huge.sql', Buffer.alloc(16 * 1024 * 1024 + 1, 0x20))
    const { code, stdout, stderr } = await lint(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(expected)
    expect(stderr.match(/^error /gm)).toHaveLength(1)
    expect(stderr).toMatch(/^ {2}(do: {4}|known )/m)
  })

  it('a file of ten megabytes is looked at', async () => {
    const row = "('0123456789012345678901234567890123456789'),\n"
    write('big.sql', `INSERT INTO a VALUES\n${row.repeat(230_000)}('x');\nSELEC 1;\n`)
    const { code, findings } = await json('big.sql')
    expect(code).toBe(1)
    expect(findings.map(({ rule, line }) => [rule, line])).toEqual(
      expect.arrayContaining([
        ['not-checked', 1],
        ['syntax-error', 230_003],
      ]),
    )
  })
})

describe('the command line', () => {
  it('lists all commands, whichever is asked for', async () => {
    const { code, stdout } = await runCli(folder, ['--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ {2}drill\b/m)
    expect(stdout).toMatch(/^ {2}lint\b/m)
    const unknown = await runCli(folder, ['lnit'])
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/known commands: drill, .*lint/)])
  })
})
