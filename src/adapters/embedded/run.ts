import { type Runner, spawnBy } from './runner.ts'
import { errorCode } from './system.ts'

/** Output beyond this is of no use in an error message. */
const MAX_OUTPUT = 64 * 1024

/** How a program ended, and what it printed. */
export interface Finished {
  /** null when it was ended by a signal or could not be started at all. */
  readonly code: number | null
  /** Both streams, the first 64 KiB. */
  readonly output: string
  /** Why it could not be started: ENOENT, EACCES, … */
  readonly spawnError?: string | undefined
}

/**
 * Runs a program to its end. On abort or after `timeoutMs` its whole process group is killed, and waited for.
 * @throws the signal's reason when aborted.
 */
export async function runToEnd(
  runner: Runner,
  run: {
    readonly program: string
    readonly args: readonly string[]
    readonly timeoutMs: number
    readonly signal?: AbortSignal | undefined
  },
): Promise<Finished> {
  run.signal?.throwIfAborted()
  const child = spawnBy(runner, { program: run.program, args: run.args, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const collect = (chunk: Buffer) => {
    if (output.length < MAX_OUTPUT) output += chunk.toString('utf8')
  }
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  const killGroup = () => {
    if (child.pid === undefined || child.exitCode !== null) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error
    }
  }
  const timer = setTimeout(killGroup, run.timeoutMs)
  run.signal?.addEventListener('abort', killGroup, { once: true })
  const finished = await new Promise<Finished>((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: error.message, spawnError: errorCode(error) }))
    child.once('close', (code) => resolve({ code, output }))
  })
  clearTimeout(timer)
  run.signal?.removeEventListener('abort', killGroup)
  run.signal?.throwIfAborted()
  return finished
}
