import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startEmbedded } from '../../src/adapters/embedded/server.ts'
import { expectQuiet, processesOf, query, spawnOwner, temporaryRoot, waitFor } from './helpers.ts'

const isRunning = (pid: number) => processesOf('postgres').some((line) => line.startsWith(`${pid}:`))
const guardianOf = (root: string) =>
  processesOf(root)
    .filter((line) => line.includes('premortem-guardian'))
    .map((line) => Number.parseInt(line, 10))[0]

/** A process that has nothing to do with PostgreSQL, to be mistaken for one. */
function bystander(): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['600'])
  const { pid } = child
  if (pid === undefined) throw new Error('sleep did not start')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.signalCode === null) await once(child, 'exit')
  })
  return Object.assign(child, { pid })
}

describe('an owner killed with kill -9', () => {
  it('leaves no process within seconds, although nobody starts anything', async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root })
    const server = await owner.started()
    await query(server.url, 'create table kept as select 1 as answer')
    owner.child.kill('SIGKILL')
    await owner.ended
    await expectQuiet(root)
    const next = await startEmbedded({ name: 'production', root })
    expect(await query(next.connectionString(), 'select answer from kept')).toEqual([{ answer: 1 }])
    await next.stop()
  })

  it('hands its data to a start in the same moment, and its guardian spares the new server', async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root })
    const old = await owner.started()
    owner.child.kill('SIGKILL')
    await owner.ended
    const next = await startEmbedded({ name: 'production', root })
    expect(isRunning(old.pid)).toBe(false)
    await waitFor(() => guardianOf(root) !== undefined && processesOf(root).filter(isGuardian).length === 1)
    await delay(1500)
    expect(await query(next.connectionString(), 'select 1 as one')).toEqual([{ one: 1 }])
    await next.stop()
  })

  it.each([150, 350, 600, 900])('%i ms into its first start leaves nothing and no half data', async (afterMs) => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root })
    await owner.line((line) => line.progress !== undefined)
    await delay(afterMs - 150)
    owner.child.kill('SIGKILL')
    await owner.ended
    await expectQuiet(root)
    const next = await startEmbedded({ name: 'production', root })
    expect(await query(next.connectionString(), 'select 1 as one')).toEqual([{ one: 1 }])
    await next.stop()
  })
})

const isGuardian = (line: string) => line.includes('premortem-guardian')

describe('a server that lost its owner and its guardian', () => {
  it('is ended by the next start, which says so', async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root })
    const orphan = await owner.started()
    await query(orphan.url, 'create table kept as select 1 as answer')
    const guardian = guardianOf(root)
    if (guardian === undefined) throw new Error('no guardian')
    process.kill(guardian, 'SIGKILL')
    owner.child.kill('SIGKILL')
    await owner.ended
    await delay(300)
    expect(await query(orphan.url, 'select answer from kept')).toEqual([{ answer: 1 }])
    const progress: string[] = []
    const next = await startEmbedded({ name: 'production', root, onProgress: (line) => progress.push(line) })
    expect(progress[0]).toMatch(new RegExp(`lost its owner .*\\b${orphan.pid}\\b`))
    expect(isRunning(orphan.pid)).toBe(false)
    expect(await query(next.connectionString(), 'select answer from kept')).toEqual([{ answer: 1 }])
    await next.stop()
  })

  it('is ended too when it is stopped in its tracks and hears no gentle signal', { timeout: 90_000 }, async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root })
    const orphan = await owner.started()
    process.kill(guardianOf(root) ?? 0, 'SIGKILL')
    owner.child.kill('SIGKILL')
    await owner.ended
    process.kill(orphan.pid, 'SIGSTOP')
    const next = await startEmbedded({ name: 'production', root })
    expect(isRunning(orphan.pid)).toBe(false)
    await next.stop()
  })
})

describe('a postmaster.pid of the past', () => {
  it('does no harm, neither to the start nor to the process that has its pid now', async () => {
    const root = temporaryRoot()
    const first = await startEmbedded({ name: 'production', root })
    const file = join(first.dataDirectory, 'postmaster.pid')
    const text = readFileSync(file, 'utf8')
    await first.stop()
    const other = bystander()
    writeFileSync(file, text.replace(/^\d+/, String(other.pid)), { mode: 0o600 })
    const second = await startEmbedded({ name: 'production', root })
    expect(other.signalCode).toBeNull()
    await second.stop()
    writeFileSync(file, text.replace(/^\d+/, '4194303'), { mode: 0o600 })
    const third = await startEmbedded({ name: 'production', root })
    await third.stop()
    writeFileSync(file, 'rubbish', { mode: 0o600 })
    const fourth = await startEmbedded({ name: 'production', root })
    await fourth.stop()
  })

  it('belongs to a process that only calls itself postgres', async () => {
    const root = temporaryRoot()
    const first = await startEmbedded({ name: 'production', root })
    await first.stop()
    const other = bystander()
    writeFileSync(join(first.dataDirectory, 'postmaster.pid'), `${other.pid}\n${first.dataDirectory}\n`)
    writeFileSync(
      join(root, 'postgres', 'production-18', 'owner.99.json'),
      JSON.stringify({ pid: other.pid, startedAt: '1' }),
    )
    const second = await startEmbedded({ name: 'production', root })
    expect(other.signalCode).toBeNull()
    await second.stop()
  })
})

describe('Ctrl-C in the terminal', () => {
  it('reaches the owner and not the server, which the owner stops in order', async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root, stopOnInterrupt: true }, { detached: true })
    await owner.started()
    // The whole group, as the terminal does.
    process.kill(-(owner.child.pid ?? 0), 'SIGINT')
    await owner.ended
    expect(processesOf(root)).toEqual([])
    const log = readFileSync(join(root, 'postgres', 'production-18', 'server.log'), 'utf8')
    expect(log.match(/received fast shutdown request/g)).toHaveLength(1)
    expect(log).toContain('database system is shut down')
  })

  it('leaves nothing when the owner does not listen to it', async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root }, { detached: true })
    await owner.started()
    process.kill(-(owner.child.pid ?? 0), 'SIGINT')
    await owner.ended
    await expectQuiet(root)
  })
})
