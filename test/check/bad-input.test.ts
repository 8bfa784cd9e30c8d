import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../src/core/check/result.ts'
import { root } from '../tidy/tree.ts'
import { premortem } from './cli.ts'

const ORDERS = 'CREATE TABLE public.orders (id bigint NOT NULL, status text NOT NULL)'
const SNAPSHOT = {
  format: 1,
  takenAt: '2026-11-20T00:00:00.000Z',
  values: 'none',
  server: { version: 180004, encoding: 'UTF8', collation: 'C', database: 'shop' },
  connections: { max: 100, superuserReserved: 3, reserved: 0 },
  settings: [],
  overrides: [],
  schemaSource: 'catalog',
  schema: [
    ['extension', 'postgis', 'CREATE EXTENSION IF NOT EXISTS postgis', 'postgis'],
    ['table', 'public.orders', ORDERS],
    ['table', 'public.places', 'CREATE TABLE public.places (id bigint, at public.geometry)', 'postgis'],
  ],
  relations: [
    { schema: 'public', name: 'orders', kind: 'r', reltuples: 1e6, pages: 8000 },
    { schema: 'public', name: 'places', kind: 'r', reltuples: 10, pages: 1 },
  ],
  sequences: [],
  extendedStatistics: [],
  workload: [
    {
      fingerprint: 'q1',
      text: 'select status from orders where id = $1',
      name: 'Status',
      source: 'pg_stat_statements',
    },
    { fingerprint: 'q2', text: 'select at from places where id = $1', name: 'Place', source: 'pg_stat_statements' },
  ],
  workloadMinutes: null,
  appliedMigrations: [],
  missing: [],
}
const LIMIT = { timeout: 90_000 }
const SIGINT_CODE = 130

describe('premortem check, given bad input, in a folder without git and without a configuration', () => {
  let folder = ''
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
  /** Of phantoms, nothing but the template. */
  const left = () => {
    const postgres = join(folder, '.premortem/postgres')
    return existsSync(postgres) ? readdirSync(postgres).filter((name) => !name.startsWith('phantom-template-')) : []
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'premortem-check-input-'))
    mkdirSync(join(folder, 'migrations'))
    mkdirSync(join(folder, 'empty'))
    const snapshot = JSON.stringify(SNAPSHOT)
    write('premortem.snapshot.json', snapshot)
    write('truncated.json', snapshot.slice(0, 900))
    write('newer.json', snapshot.replace('"format":1', '"format":7'))
    write('damaged.json', snapshot.replace('"reltuples":1000000', '"reltuples":"many"'))
    write('foreign.json', '{"name":"shop"}')
    write('nowhere.yaml', 'migrations: db/nowhere\n')
    write('migrations/0001_note.sql', "SET lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN note text;\n")
    writeFileSync(join(folder, 'binary.sql'), Buffer.from([0xff, 0xfe, 0x00, 0x41]))
    write('broken.sql', '\\connect shop\nALTER TABLE orders\n  ADD COLUM `a` int;\n')
    write('foreign.sql', "SET lock_timeout = '5s';\nALTER TABLE customers ADD COLUMN a int;\n")
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    { args: ['--relase', '2'], says: ["unknown option '--relase'", '--release'] },
    { args: ['--format', 'xml'], says: ["'xml' is invalid", 'sarif'] },
    { args: ['--release', '9'], says: ['There is no release 9', 'unknown-release'] },
    { args: ['--base', 'nope'], says: ['nope', 'unknown-base'] },
    { args: ['--config', 'nope.yaml'], says: ['nope.yaml', 'config-unreadable'] },
    { args: ['--config', 'nowhere.yaml'], says: ['db/nowhere', 'nothing-to-check'] },
    { args: ['--snapshot', 'nope.json'], says: ['There is no snapshot', 'nope.json', 'premortem snapshot --url'] },
    { args: ['--snapshot', 'truncated.json'], says: ['breaks off after 900 characters', 'snapshot-damaged'] },
    { args: ['--snapshot', 'damaged.json'], says: ['relations[0].reltuples', 'snapshot-damaged'] },
    { args: ['--snapshot', 'foreign.json'], says: ['not a snapshot of premortem', 'snapshot-foreign'] },
    { args: ['--snapshot', 'newer.json'], says: ['format 7', 'Upgrade premortem'] },
    { args: ['nope.sql'], says: ['no file or folder nope.sql', 'path-not-found'] },
    { args: ['empty'], says: ['no migration that goes forward in empty', 'no-sql-files'] },
    { args: ['binary.sql'], says: ['not text in UTF-8', 'file-not-readable'] },
    { args: ['--deployed'], says: ['--url', 'deployed-needs-url'] },
    { args: ['--out', 'nowhere/report.txt'], says: ['nowhere/report.txt', 'report-not-written'] },
    { args: ['--out', 'empty'], says: ['it is a folder', 'report-not-written'] },
  ])('refuses $args with exit code 2 before anything starts, and says what to do', async ({ args, says }) => {
    const ran = await premortem(['check', ...args], folder)
    expect(ran).toMatchObject({ code: 2, out: '' })
    for (const part of says) expect(ran.err).toContain(part)
    expect(ran.err).not.toMatch(/has a bug|\n {4}at /)
    expect(left()).toEqual([])
  })

  it(
    'checks all the same; names the extension that the embedded server lacks, and what was left out with it',
    async () => {
      const ran = await premortem(['check', '--json'], folder)
      expect(ran).toMatchObject({ code: 0, err: '' })
      const result: CheckResult = JSON.parse(ran.out)
      expect(result.skipped.map(({ object }) => object)).toEqual(['postgis', 'public.places'])
      expect(result.skipped[0]?.reason).toContain('postgis')
      expect(result.unplanned).toMatchObject([{ query: 'select at from places where id = $1' }])
      expect(result.assumptions.join()).toContain('Neither the snapshot nor git')
      expect(left()).toEqual([])
    },
    LIMIT.timeout,
  )

  it(
    'refuses what PostgreSQL cannot read once, at its line and column, and marks what only psql understands',
    async () => {
      const ran = await premortem(['check', 'broken.sql', '--out', 'report.json', '--json'], folder)
      expect(ran).toEqual({ code: 1, out: '', err: '' })
      const { findings }: CheckResult = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))
      const errors = findings.filter(({ severity }) => severity === 'error')
      expect(errors).toMatchObject([{ rule: 'migration-fails', file: 'broken.sql', line: 3, column: 13 }])
      expect(findings.find(({ line }) => line === 1)?.message).toContain('\\connect is a command of psql')
      expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
    },
    LIMIT.timeout,
  )

  it(
    'refuses a migration of another schema than the snapshot has, at its line',
    async () => {
      const ran = await premortem(['check', 'foreign.sql'], folder)
      expect(ran).toMatchObject({ code: 1, err: '' })
      expect(ran.out).toContain('the migration fails at foreign.sql:2')
      expect(ran.out).toContain('relation "customers" does not exist')
    },
    LIMIT.timeout,
  )

  const begin = () =>
    spawn(process.execPath, [join(root, 'bin/premortem.mjs'), 'check'], { cwd: folder, stdio: 'ignore' })
  const phantomOf = async () => {
    for (let tries = 0; left().length === 0 && tries < 600; tries += 1) await sleep(50)
    expect(left()).toHaveLength(1)
  }
  const ended = (child: ReturnType<typeof begin>) =>
    new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))

  it(
    'leaves nothing behind after Ctrl-C',
    async () => {
      const child = begin()
      const code = ended(child)
      await phantomOf()
      child.kill('SIGINT')
      expect(await code).toBe(SIGINT_CODE)
      expect(left()).toEqual([])
    },
    LIMIT.timeout,
  )

  it(
    'removes what a killed check has left, and lets one be that has not yet written its name',
    async () => {
      const child = begin()
      const code = ended(child)
      await phantomOf()
      child.kill('SIGKILL')
      expect(await code).toBeNull()
      expect(left()).toHaveLength(1)
      const young = 'phantom-000000000001-18'
      mkdirSync(join(folder, '.premortem/postgres', young))
      write(`.premortem/postgres/${young}/phantom-owner.json`, '{"pi')
      expect(await premortem(['check'], folder)).toMatchObject({ code: 0, err: '' })
      expect(left()).toEqual([young])
    },
    LIMIT.timeout,
  )
})
