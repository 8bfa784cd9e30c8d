import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished } from 'vitest'

/** Longer than the guardian gives a server in all. */
const QUIET_MS = 20_000

export const isRoot = process.geteuid?.() === 0
/** The tests about root's own ways need root; everybody else has nothing to be tested there. */
export const rootOnly = { skip: !isRoot }

/** What a read of a vanished process answers. */
const or = <T>(read: () => T, otherwise: T): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return otherwise
    throw error
  }
}

/** Every process that works in `folder` or names it in its command line: servers, backends, guardians, owners. */
export function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    const command = or(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '), '')
    const cwd = or(() => readlinkSync(`/proc/${pid}/cwd`), '')
    const ours = command.includes(folder) || cwd.startsWith(folder)
    return ours ? [`${pid}: ${command}`] : []
  })
}

export async function waitFor(check: () => boolean, timeoutMs = QUIET_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!check() && performance.now() < deadline) await delay(20)
}

/** Fails unless every process of `folder` is gone within the guardian's time. */
export async function expectQuiet(folder: string): Promise<void> {
  await waitFor(() => processesOf(folder).length === 0)
  expect(processesOf(folder)).toEqual([])
}

/** A folder for one test: nothing may run in it when the test is over, and then it is removed. */
export function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'premortem-embedded-'))
  onTestFinished(async () => {
    try {
      expect(processesOf(root)).toEqual([])
    } finally {
      for (const line of processesOf(root)) or(() => process.kill(Number.parseInt(line, 10), 'SIGKILL'), false)
      await waitFor(() => processesOf(root).length === 0, 5000)
      rmSync(root, { recursive: true, force: true })
    }
  })
  return root
}

/** Runs one statement on a connection of its own and answers its rows. */
export async function query(connectionString: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 })
  // A connection that breaks fails its query as well; that is where the test hears of it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** What the owner script says, one JSON line each. */
export interface OwnerLine {
  readonly progress?: string
  readonly started?: { readonly pid: number; readonly port: number; readonly url: string; readonly data: string }
  readonly problem?: { readonly code: string; readonly message: string }
}

export interface Owner {
  readonly child: ChildProcess
  /** The first line that `wanted` accepts. Fails when the script ends before. */
  line(wanted: (line: OwnerLine) => boolean): Promise<OwnerLine>
  started(): Promise<NonNullable<OwnerLine['started']>>
  readonly ended: Promise<void>
}

/** Starts a server from a process of its own, which can be killed as a user's shell or the kernel would. */
export function spawnOwner(
  options: Record<string, unknown>,
  by: {
    readonly command?: readonly string[]
    readonly node?: string
    readonly script?: string
    readonly detached?: boolean
  } = {},
): Owner {
  const script = by.script ?? new URL('./owner-script.ts', import.meta.url).pathname
  const node = by.node ?? process.execPath
  const [command = node, ...before] = [...(by.command ?? []), node]
  const child = spawn(command, [...before, script, JSON.stringify(options)], {
    cwd: '/',
    detached: by.detached ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: OwnerLine[] = []
  let errors = ''
  let over = false
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(JSON.parse(text) as OwnerLine))
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      over = true
      resolve()
    })
  })
  const line = async (wanted: (line: OwnerLine) => boolean): Promise<OwnerLine> => {
    await waitFor(() => over || lines.some(wanted), 60_000)
    const found = lines.find(wanted)
    if (found === undefined) throw new Error(`the owner said only ${JSON.stringify(lines)} ${errors}`)
    return found
  }
  const started = async () => {
    const { started: server } = await line((one) => one.started !== undefined || one.problem !== undefined)
    if (server === undefined) throw new Error(`the owner could not start: ${JSON.stringify(lines)}`)
    return server
  }
  return { child, line, started, ended }
}
