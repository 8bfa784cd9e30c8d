import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findBinaries } from '../../src/adapters/embedded/binaries.ts'
import { openLog } from '../../src/adapters/embedded/log.ts'
import { findPlace } from '../../src/adapters/embedded/place.ts'
import { startPostmaster } from '../../src/adapters/embedded/postmaster.ts'
import { startEmbedded } from '../../src/adapters/embedded/server.ts'
import { processesOf, query, spawnOwner, temporaryRoot, waitFor } from './helpers.ts'

const begin = (root: string, more: object = {}) => startEmbedded({ name: 'ledger', root, ...more })
const folderOf = (root: string) => join(root, 'postgres', 'ledger-18')

describe('the first start', () => {
  it('prepares the data and answers queries, with the statistics of statements loaded', async () => {
    const root = temporaryRoot()
    const server = await begin(root)
    await query(server.connectionString(), 'create extension pg_stat_statements')
    const rows = await query(
      server.connectionString(),
      `select current_setting('shared_preload_libraries') as libraries, current_setting('compute_query_id') as ids,
              current_setting('server_encoding') as encoding, current_setting('listen_addresses') as addresses,
              current_setting('data_checksums') as checksums, 'B' collate "default" < 'a' as by_code_point,
              (select count(*) > 0 from pg_stat_statements) as counted`,
    )
    expect(rows).toEqual([
      {
        libraries: 'pg_stat_statements,auto_explain',
        ids: 'on',
        encoding: 'UTF8',
        addresses: '127.0.0.1',
        checksums: 'on',
        by_code_point: true,
        counted: true,
      },
    ])
    expect(server.dataDirectory).toBe(join(folderOf(root), 'data'))
    await server.stop()
  })

  it('lets nobody in without the password, which only the owner may read and no log names', async () => {
    const root = temporaryRoot()
    const server = await begin(root, { settings: { log_statement: 'all', log_connections: 'on' } })
    const { password } = new URL(server.connectionString())
    await expect(query(`postgres://postgres:wrong@127.0.0.1:${server.port}/postgres`, 'select 1')).rejects.toThrow(
      'password authentication failed',
    )
    await query(server.connectionString(), 'select 1')
    await server.stop()
    expect(statSync(join(server.dataDirectory, 'premortem.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(server.logFile, 'utf8')).toContain('authentication failed')
    expect(readFileSync(server.logFile, 'utf8')).not.toContain(password)
  })

  it('takes settings and initdb flags', async () => {
    const root = temporaryRoot()
    const server = await begin(root, { settings: { work_mem: '7MB' }, initdbFlags: ['--no-data-checksums'] })
    const rows = await query(
      server.connectionString(),
      `select current_setting('work_mem') as work_mem, current_setting('data_checksums') as checksums`,
    )
    expect(rows).toEqual([{ work_mem: '7MB', checksums: 'off' }])
    await server.stop()
  })
})

describe('a later start', () => {
  it('finds the data of the one before and prepares nothing', async () => {
    const root = temporaryRoot()
    const first = await begin(root)
    await query(first.connectionString(), 'create table kept as select 42 as answer')
    await first.stop()
    const progress: string[] = []
    const second = await begin(root, { onProgress: (line: string) => progress.push(line) })
    expect(await query(second.connectionString(), 'select answer from kept')).toEqual([{ answer: 42 }])
    expect(progress).toEqual([])
    await second.stop()
  })

  it('sets data aside that was made with other flags, or was never finished', async () => {
    const root = temporaryRoot()
    const first = await begin(root)
    await first.stop()
    const progress: string[] = []
    const onProgress = (line: string) => progress.push(line)
    const second = await begin(root, { initdbFlags: ['--no-data-checksums'], onProgress })
    await second.stop()
    expect(progress.join('\n')).toContain('data.old')
    truncateSync(join(second.dataDirectory, 'premortem.json'), 5)
    const third = await begin(root, { initdbFlags: ['--no-data-checksums'] })
    expect(await query(third.connectionString(), 'select 1 as one')).toEqual([{ one: 1 }])
    await third.stop()
    const left = readdirSync(folderOf(root)).filter((name) => name.startsWith('data'))
    expect(left.sort()).toEqual(['data', 'data.old'])
  })

  it('empties a log that grew beyond 50 MB', async () => {
    const root = temporaryRoot()
    const first = await begin(root)
    await first.stop()
    truncateSync(first.logFile, 51 * 1024 * 1024)
    const second = await begin(root)
    await second.stop()
    expect(statSync(second.logFile).size).toBeLessThan(1024 * 1024)
    expect(readFileSync(second.logFile, 'utf8')).toContain('ready to accept connections')
  })

  it('works at once after the server itself was killed in the middle of a query', async () => {
    const root = temporaryRoot()
    const first = await begin(root)
    await query(first.connectionString(), 'create table kept as select 7 as answer')
    const busy = query(first.connectionString(), 'select count(*) from generate_series(1, 1000000000)').catch(() => [])
    await waitFor(() => processesOf(root).some((line) => line.includes(' SELECT')))
    process.kill(first.pid, 'SIGKILL')
    expect(await first.exited).toEqual({ expected: false, code: null, signal: 'SIGKILL' })
    const second = await begin(root)
    expect(await query(second.connectionString(), 'select answer from kept')).toEqual([{ answer: 7 }])
    await busy
    await second.stop()
  })
})

describe('stopping', () => {
  it('may be asked twice, at once and later, and leaves the port free for a server of the same number', async () => {
    const root = temporaryRoot()
    const server = await begin(root)
    await Promise.all([server.stop(), server.stop('immediate')])
    await server.stop()
    expect(await server.exited).toMatchObject({ expected: true })
    expect(processesOf(root)).toEqual([])
    const again = await begin(root, { port: server.port })
    expect(again.port).toBe(server.port)
    await again.stop()
    expect(await again.exited).toEqual({ expected: true, code: 0, signal: null })
  })

  it('does not wait for open sessions', async () => {
    const root = temporaryRoot()
    const server = await begin(root)
    const sleeping = query(server.connectionString(), 'select pg_sleep(600)').catch((error: Error) => error.message)
    await waitFor(() => processesOf(root).some((line) => line.includes(' SELECT')))
    await server.stop()
    expect(await sleeping).toContain('terminat')
  })
})

describe('a start that cannot be', () => {
  it('names the process that holds the port', async () => {
    const root = temporaryRoot()
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const address = blocker.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(begin(root, { port })).rejects.toMatchObject({
      code: 'port-busy',
      message: expect.stringMatching(new RegExp(`^Port ${port} .* process ${process.pid} \\(.*node`)),
    })
    await new Promise((resolve) => blocker.close(resolve))
  })

  it('is known to have lost the race for its port, so that another can be tried', async () => {
    const root = temporaryRoot()
    await (await begin(root)).stop()
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const address = blocker.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const progress = { onProgress: () => undefined }
    const place = await findPlace({ binaries: findBinaries(), folder: folderOf(root), ...progress })
    const log = openLog(join(folderOf(root), 'server.log'))
    const dataDirectory = join(place.folder, 'data')
    expect(await startPostmaster({ ...place, dataDirectory, port, settings: {}, log })).toEqual({ kind: 'port-taken' })
    log.close()
    await new Promise((resolve) => blocker.close(resolve))
  })

  it('names the living process that has the data, and leaves that one alone', async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'ledger', root, stopOnInterrupt: true })
    const theirs = await owner.started()
    await expect(begin(root)).rejects.toMatchObject({
      code: 'data-directory-in-use',
      message: expect.stringContaining(`process ${owner.child.pid} (`),
    })
    expect(await query(theirs.url, 'select 1 as one')).toEqual([{ one: 1 }])
    owner.child.kill('SIGINT')
    await owner.ended
    const server = await begin(root)
    await expect(begin(root)).rejects.toThrow(`already started by this process (${process.pid})`)
    await server.stop()
  })

  it('quotes the last lines of the log', async () => {
    const root = temporaryRoot()
    await expect(begin(root, { settings: { shared_buffers: 'plenty' } })).rejects.toMatchObject({
      code: 'server-start-failed',
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"'),
      where: join(folderOf(root), 'server.log'),
    })
    const server = await begin(root)
    await server.stop()
  })

  it('refuses settings that would move the server elsewhere, and ports that need rights', async () => {
    const root = temporaryRoot()
    const code = 'embedded-setting-refused'
    await expect(begin(root, { settings: { listen_addresses: '*' } })).rejects.toMatchObject({ code })
    await expect(begin(root, { settings: { 'work_mem=1MB -c fsync': 'off' } })).rejects.toMatchObject({ code })
    await expect(begin(root, { port: 80 })).rejects.toMatchObject({ code })
  })

  it('says which folder it cannot make', async () => {
    const root = temporaryRoot()
    writeFileSync(join(root, 'file'), '')
    await expect(begin(join(root, 'file'))).rejects.toMatchObject({
      code: 'folder-not-writable',
      message: expect.stringContaining(join(root, 'file')),
    })
  })
})

describe('a start that is aborted', () => {
  it.each([0, 30, 100, 250, 500, 700])('after %i ms leaves nothing, and the next one works', async (afterMs) => {
    const root = temporaryRoot()
    const abort = new AbortController()
    const reason = new Error('the user pressed Ctrl-C')
    const timer = setTimeout(() => abort.abort(reason), afterMs)
    // On a fast machine the longest waits may come after the start: then the server is there, and is stopped.
    const outcome = await begin(root, { signal: abort.signal }).catch((error: unknown) => error)
    clearTimeout(timer)
    if (outcome instanceof Error) expect(outcome).toBe(reason)
    else await (outcome as Awaited<ReturnType<typeof begin>>).stop()
    expect(processesOf(root)).toEqual([])
    const names = existsSync(folderOf(root)) ? readdirSync(folderOf(root)) : []
    expect(names.filter((name) => name.startsWith('data.'))).toEqual([])
    const server = await begin(root)
    await server.stop()
  })
})
