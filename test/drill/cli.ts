/** Runs the real CLI in a folder of its own, as a person would, and looks for what it leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/premortem.mjs', import.meta.url))

export interface RunningCli {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** Resolves when standard output or error contains `text`; rejects when the process ends or `withinMs` passes first. */
  until(text: string | RegExp, withinMs?: number): Promise<void>
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
}

/** Starts `premortem <args>` with `cwd` as working directory. */
export function startCli(cwd: string, args: readonly string[]): RunningCli {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const until = async (text: string | RegExp, withinMs = 120_000) => {
    const deadline = Date.now() + withinMs
    const seen = () => (typeof text === 'string' ? `${out}${err}`.includes(text) : text.test(`${out}${err}`))
    while (!seen()) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`never saw ${text}; exit ${child.exitCode}; output:\n${out}\n${err}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return { child, stdout: () => out, stderr: () => err, until, ended }
}

/** Runs to the end. */
export async function runCli(cwd: string, args: readonly string[]) {
  const cli = startCli(cwd, args)
  const code = await cli.ended
  return { code, stdout: cli.stdout(), stderr: cli.stderr() }
}

export interface Left {
  readonly pid: number
  readonly command: string
}

/** Processes that work in `folder` or name it, zombies left out. */
export function processesOf(folder: string): readonly Left[] {
  const found: Left[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      const cwd = readlinkSync(`/proc/${name}/cwd`)
      if (command !== '' && (cwd.startsWith(folder) || command.includes(folder)))
        found.push({ pid: Number(name), command })
    } catch (error) {
      // It ended while we looked, or is not ours to see.
      if (!['ENOENT', 'EACCES', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return found
}

/** Waits until nothing of `folder` runs; gives what is still there after `withinMs`. */
export async function leftRunning(folder: string, withinMs = 20_000): Promise<readonly Left[]> {
  const deadline = Date.now() + withinMs
  let left = processesOf(folder)
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    left = processesOf(folder)
  }
  return left
}
