import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startJobs } from '../../src/adapters/jobs/jobs.ts'
import { prng } from '../../src/base/prng.ts'
import { replay } from '../../src/engine/replay.ts'
import { startTestServer, type TestServer } from './database.ts'
import { openEngine, STREAM, settling } from './fixtures/settling.ts'

const KILLS = 6
const DRAIN_DEADLINE_MS = 90_000

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** Lets a child work for `afterMs` from its start of work, kills it, and returns what it said was committed. */
async function runAndKill(connectionString: string, afterMs: number): Promise<number[]> {
  const script = new URL('./fixtures/kill-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, connectionString], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
  const committed: number[] = []
  let killing = false
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'started') committed.push(Number(line))
    if (killing) continue
    killing = true
    setTimeout(() => child.kill('SIGKILL'), afterMs)
  }
  expect(await ended).toBe('SIGKILL')
  return committed
}

describe('a control plane that is killed at random moments', () => {
  it('loses no event and no command, and its states are those of a replay', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
    const random = prng(seed)
    const { connectionString, pool } = await server.database()
    await pool.query('create table effects (key text not null)')
    const committed: number[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      committed.push(...(await runAndKill(connectionString, 20 + random.below(1200))))
    }

    const { engine, pool: mine } = openEngine(connectionString)
    const jobs = await startJobs({
      database: { pool: mine },
      onCommand: ({ stream, command }, attempt) => engine.carryOut(stream, command, attempt),
    })
    const deadline = performance.now() + DRAIN_DEADLINE_MS
    const left = async () => (await pool.query('select count(*)::int as jobs from graphile_worker.jobs')).rows[0]?.jobs
    while ((await left()) > 0 && performance.now() < deadline) await wait(100)
    await jobs.stop()

    const again = `run again with SEED=${seed}`
    expect(await left(), again).toBe(0)
    const events = await engine.readAll(STREAM)
    const sequences = events.map((event) => event.sequence)
    expect(sequences, again).toEqual(Array.from({ length: events.length }, (_, index) => index + 1))
    const notes = events.filter((event) => event.type === 'incident.note').map((event) => event.sequence)
    expect(committed.length, again).toBeGreaterThan(KILLS)
    expect(new Set(notes), again).toEqual(new Set([...notes, ...committed]))

    const asked = notes.map((_, index) => `payment-service:settle:${index + 1}`)
    const timers = asked.filter((_, index) => (index + 1) % 5 === 0).map((key) => `${key}:timer`)
    const succeeded = events.flatMap((event) => (event.type === 'command.succeeded' ? event.data.key : []))
    expect([...succeeded].sort(), again).toEqual([...asked, ...timers].sort())
    const effects = await pool.query('select distinct key from effects')
    expect(effects.rows.map(({ key }) => key).sort(), again).toEqual([...asked].sort())

    const saved = await pool.query(`select state from premortem.decider_states where decider = 'settling'`)
    expect({ settling: saved.rows[0]?.state }, again).toEqual(replay([settling], events))
    await mine.end()
  }, 180_000)
})
