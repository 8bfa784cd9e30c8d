import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDeployments, type ReplicaExit } from '../../src/adapters/processes/deployments.ts'
import { startProcess } from '../../src/adapters/processes/start-process.ts'
import { Problem } from '../../src/base/problem.ts'
import { minutes, ms } from '../../src/base/time.ts'
import { releaseId, serviceName } from '../../src/base/units.ts'
import type { Replica, ReplicaSet } from '../../src/core/release/ports.ts'
import { realClock } from './fixtures/clock.ts'
import { lives, until } from './fixtures/wait.ts'

const SERVICE = new URL('./fixtures/service.ts', import.meta.url).pathname
const OWNER = new URL('./fixtures/owner.ts', import.meta.url).pathname
const never = new AbortController().signal
const service = serviceName('payment-service')
const good = releaseId('2.3.0')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'premortem-processes-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fixture = (way: string, env: Record<string, string> = {}) => ({
  command: process.execPath,
  args: [SERVICE, way],
  env,
})

function start(way: string, more: Partial<Parameters<typeof startProcess>[0]> = {}) {
  return startProcess({
    ...fixture(way),
    name: `service-${way}`,
    logFolder: folder,
    clock: realClock,
    signal: never,
    ...more,
  })
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof Problem) return error
  throw new Error(`expected a Problem, got ${String(error)}`)
}

describe('a single process', () => {
  it('is given back once it is healthy, and is gone once it is stopped', async () => {
    const running = await start('ok')
    expect((await fetch(`${running.url}/health`)).status).toBe(200)
    expect(running.alive()).toBe(true)
    await running.stop()
    expect(running.alive()).toBe(false)
    expect(lives(running.pid)).toBe(false)
    expect(readFileSync(running.logPath, 'utf8')).toContain('"listening"')
  })

  it('that never becomes healthy is ended, and the problem says so with its log', async () => {
    const problem = await problemOf(start('never-healthy', { healthyWithin: ms(4000) }))
    expect(problem.code).toBe('replica-not-healthy')
    expect(problem.message).toContain('service-never-healthy did not become healthy: 4 s passed without it')
    expect(problem.message).toContain('"event":"starting"')
    expect(problem.where).toBe(join(folder, 'service-never-healthy.log'))
  })

  it('that never listens is ended', async () => {
    const problem = await problemOf(start('silent', { healthyWithin: ms(500) }))
    expect(problem.message).toContain('It logged nothing')
  })

  it('that crashes at once is reported at once, with its exit code and last words', async () => {
    const problem = await problemOf(start('crashes'))
    expect(problem.message).toContain('it exited with code 3')
    expect(problem.message).toContain('cannot read its configuration')
  })

  it('that cannot be started at all is reported with the reason', async () => {
    const problem = await problemOf(start('ok', { command: '/no/such/program' }))
    expect(problem.message).toContain('it could not be started')
    expect(problem.message).toContain('ENOENT')
  })

  it('is ended when the start is given up', async () => {
    const controller = new AbortController()
    const starting = start('silent', { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('given up')), 200)
    await expect(starting).rejects.toThrow('given up')
  })

  it('that ignores SIGTERM and keeps its input open is killed after the grace period', async () => {
    const command = '/bin/sh'
    const script = `trap '' TERM; ${process.execPath} ${SERVICE} stubborn < /dev/zero; sleep 1000`
    const running = await start('ok', { command, args: ['-c', script], stopWithin: ms(300) })
    const exit = await running.stop()
    expect(exit.signal).toBe('SIGKILL')
    await until('the grandchild that served is gone', () =>
      fetch(`${running.url}/health`).then(
        () => false,
        () => true,
      ),
    )
  })

  it('that is being stopped with patience is killed soon when somebody asks without it', async () => {
    const running = await start('stubborn', { stopWithin: minutes(10) })
    const patient = running.stop()
    expect((await running.stop(ms(100))).signal).toBe('SIGKILL')
    expect((await patient).signal).toBe('SIGKILL')
  })

  it('sees none of our environment but a few harmless variables', async () => {
    process.env.PREMORTEM_TEST_SECRET = 'hunter2'
    const running = await start('ok', { env: { POOL_MAX: '33' } })
    try {
      const seen = (await (await fetch(`${running.url}/env`)).json()) as Record<string, string>
      expect(seen.PREMORTEM_TEST_SECRET).toBeUndefined()
      expect(seen.POOL_MAX).toBe('33')
      expect(seen.PATH).toBe(process.env.PATH)
    } finally {
      delete process.env.PREMORTEM_TEST_SECRET
      await running.stop()
    }
  })
})

describe('the replicas of a release', () => {
  const exits: ReplicaExit[] = []
  const changes: string[][] = []
  const sets: ReplicaSet[] = []
  let way = 'ok'
  let deployments: ReturnType<typeof createDeployments>

  beforeEach(() => {
    for (const list of [exits, changes, sets]) list.length = 0
    way = 'ok'
    deployments = createDeployments({
      launch: (set, number) => {
        sets.push(set)
        return fixture(way, { POOL_MAX: String(set.poolMaxPerReplica), NUMBER: String(number) })
      },
      clock: realClock,
      logFolder: folder,
      onExit: (exit) => exits.push(exit),
      onChange: async (_service, replicas) => {
        changes.push(replicas.map(({ id }) => id))
        // Whoever may be used now must be able to answer.
        await Promise.all(replicas.map(({ url }) => fetch(`${url}/health`)))
      },
      healthyWithin: ms(30_000),
      stopWithin: ms(2000),
    })
  })
  afterEach(() => deployments.stopAll())

  const ensure = (replicas: number, poolMaxPerReplica = 5, release = good) =>
    deployments.ensure({ service, release, replicas, poolMaxPerReplica }, never)
  const ids = (replicas: readonly Replica[]) => replicas.map(({ id }) => id)

  it('are as many as asked for, and asking again starts none', async () => {
    expect(ids(await ensure(2))).toHaveLength(2)
    expect(ids(deployments.list()).sort()).toEqual(['payment-service@2.3.0-1', 'payment-service@2.3.0-2'])
    await ensure(2)
    expect(sets).toHaveLength(2)
    const [one, two] = deployments.list()
    expect(one?.pid).not.toBe(two?.pid)
  })

  it('become more and fewer; those that go end, and the router knows before', async () => {
    await ensure(1)
    const three = await ensure(3)
    const left = await ensure(1)
    expect(left).toHaveLength(1)
    expect(changes.at(-1)).toEqual(ids(left))
    for (const replica of three) expect(lives(replica.pid)).toBe(replica.id === left[0]?.id)
    expect(exits).toEqual([])
  })

  it('are replaced one by one when the pool size changes, never fewer than wanted', async () => {
    const before = await ensure(2, 5)
    changes.length = 0
    const after = await ensure(2, 8)
    expect(after).toHaveLength(2)
    for (const { pid } of before) expect(lives(pid)).toBe(false)
    expect(sets.map((set) => set.poolMaxPerReplica)).toEqual([5, 5, 8, 8])
    expect(Math.min(...changes.map((list) => list.length))).toBe(2)
    expect(Math.max(...changes.map((list) => list.length))).toBe(3)
  })

  it('that die by themselves are reported once and no longer listed; ensure brings the number back', async () => {
    const [replica] = await ensure(2)
    await expect(fetch(`${replica?.url}/exit`)).rejects.toThrow('fetch failed')
    await until('the death is reported', () => exits.length > 0)
    expect(exits).toEqual([{ replica, code: 7, signal: null }])
    expect(ids(deployments.list())).not.toContain(replica?.id)
    const again = await ensure(2)
    expect(again).toHaveLength(2)
    expect(ids(again)).not.toContain(replica?.id)
  })

  it('that are killed are reported with the signal', async () => {
    const [replica] = await ensure(1)
    process.kill(replica?.pid ?? 0, 'SIGKILL')
    await until('the death is reported', () => exits.length > 0)
    expect(exits[0]).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  it('are kept apart by release, and removing one leaves the other', async () => {
    const kept = await ensure(1)
    const bad = await ensure(2, 5, releaseId('2.3.1'))
    expect(await deployments.remove(service, releaseId('2.3.1'))).toBe(2)
    expect(ids(deployments.list())).toEqual(ids(kept))
    for (const { pid } of bad) expect(lives(pid)).toBe(false)
    expect(await deployments.remove(service, releaseId('2.3.1'))).toBe(0)
  })

  it('that cannot become healthy fail the wish; nothing half started is left', async () => {
    way = 'crashes'
    const problem = await problemOf(ensure(2))
    expect(problem.code).toBe('replica-not-healthy')
    expect(deployments.list()).toEqual([])
  })

  it('that are being started are given up when the release is removed', async () => {
    way = 'silent'
    const starting = ensure(1)
    const failed = expect(starting).rejects.toThrow('the release is being removed')
    await until('the start has begun', () => sets.length === 1)
    expect(await deployments.remove(service, good)).toBe(0)
    await failed
  })

  it('are all killed soon when asked so, also those that are already on their way out', async () => {
    deployments = createDeployments({
      launch: () => fixture('stubborn'),
      clock: realClock,
      logFolder: folder,
      onExit: (exit) => exits.push(exit),
      stopWithin: minutes(10),
    })
    const [leaving] = await ensure(1)
    const staying = await ensure(1, 5, releaseId('2.3.1'))
    const removal = deployments.remove(service, good)
    await deployments.stopAll(ms(100))
    expect(await removal).toBe(1)
    for (const pid of [leaving?.pid ?? 0, staying[0]?.pid ?? 0]) expect(lives(pid)).toBe(false)
    expect(exits).toEqual([])
  })

  it('are refused when their number makes no sense, and after the end of all', async () => {
    for (const bad of [-1, 1.5, 65, Number.NaN]) {
      expect((await problemOf(ensure(bad))).code).toBe('bad-replica-count')
    }
    await deployments.stopAll()
    await expect(ensure(1)).rejects.toThrow('shut down')
  })
})

describe('kill -9 of the owner', () => {
  it('leaves no child behind', async () => {
    const owner = spawn(process.execPath, [OWNER, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(owner.stdout, 'data')) as [Buffer]
    const pids = JSON.parse(line.toString()) as number[]
    expect(pids).toHaveLength(2)
    expect(pids.every(lives)).toBe(true)
    owner.kill('SIGKILL')
    await until('both children have ended', () => pids.every((pid) => !lives(pid)))
  })
})
