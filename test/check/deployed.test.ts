/** `premortem check --deployed` on a real database, before and after somebody drops an index by hand. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/adapters/embedded/server.ts'
import { createMigrations } from '../../src/adapters/postgres/migrations/runner.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { releaseId } from '../../src/base/units.ts'
import type { CheckResult } from '../../src/core/check/result.ts'
import { root } from '../tidy/tree.ts'
import { EXAMPLE, premortem } from './cli.ts'

const LIMIT = { timeout: 120_000 }
const INDEX = 'idx_payment_transactions_created_at'

describe('premortem check --deployed', LIMIT, () => {
  let folder = ''
  let server: EmbeddedServer
  let url = ''

  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  const look = async (release: string) => {
    const { code, out, err } = await premortem(['check', '--deployed', '--release', release, '--url', url, '--json'])
    const result: CheckResult = out === '' ? null : JSON.parse(out)
    return { code, err, result, rules: result?.findings.map((finding) => finding.rule) }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'premortem-deployed-'))
    server = await startEmbedded({ name: 'deployed', root: folder })
    url = server.connectionString('postgres')
    await run('create extension pg_stat_statements')
    const folderOf = (release: string) => join(root, 'examples/payments/releases', release, 'migrations')
    const migrations = createMigrations({ connectionString: url, folderOf, clock: systemClock() })
    const { signal } = new AbortController()
    for (const release of ['2.3.0', '2.3.1', '2.3.2']) await migrations.apply(releaseId(release), signal)
  }, LIMIT.timeout)
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('passes where all migrations have run', async () => {
    const { code, err, result, rules } = await look('2.3.2')
    expect({ code, err, rules, verdict: result.verdict }).toEqual({ code: 0, err: '', rules: [], verdict: 'pass' })
  })

  it('tells of what is not expected: the index of 2.3.2 where 2.3.1 should be', async () => {
    const { code, result } = await look('2.3.1')
    expect(code).toBe(0)
    expect(result.findings.map((one) => [one.rule, one.severity])).toEqual([['deployed-object-unexpected', 'note']])
    expect(result.findings[0]?.message).toContain(INDEX)
  })

  it('refuses a database that has lost an index, and says how to bring it back', async () => {
    await run(`drop index ${INDEX}`)
    const { code, result } = await look('2.3.2')
    expect(code).toBe(1)
    expect(result.findings).toEqual([expect.objectContaining({ rule: 'deployed-index-missing', severity: 'error' })])
    expect(result.findings[0]?.remedy).toContain(`CREATE INDEX ${INDEX}`)
  })

  it('says what it needs when the server is not there, without the password', async () => {
    const address = 'postgres://somebody:hunter2@127.0.0.1:1/nothing'
    const { code, out, err } = await premortem(['check', '--deployed', '--url', address], EXAMPLE)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('127.0.0.1')
    expect(err).not.toContain('hunter2')
  })
})
