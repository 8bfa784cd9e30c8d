import { Problem } from '../base/problem.ts'

const CLOSE_DEADLINE_MS = 30_000

interface Owned {
  readonly what: string
  readonly end: () => Promise<unknown>
}

/**
 * Owns what a command starts and ends it in the reverse order, each with a deadline, whatever happens.
 * `what` is told to the person who pressed Ctrl-C.
 */
export interface Scope {
  /** Aborted when the command must stop; pass it to everything that waits. */
  readonly signal: AbortSignal
  /** Registers something that must be ended. Returns a function that ends it early. */
  own(what: string, end: () => Promise<unknown>): () => Promise<void>
  /** Stops the command from outside, with the reason. */
  abort(reason: Error): void
  /** Ends everything; resolves with what could not be ended in time, as sentences. */
  close(onEnd?: (what: string) => void): Promise<readonly string[]>
}

/** A new, empty scope. */
export function createScope(): Scope {
  const controller = new AbortController()
  const owned: Owned[] = []
  return {
    signal: controller.signal,
    own(what, end) {
      const entry = { what, end }
      owned.push(entry)
      return async () => {
        const at = owned.indexOf(entry)
        if (at < 0) return
        owned.splice(at, 1)
        await end()
      }
    },
    abort(reason) {
      if (!controller.signal.aborted) controller.abort(reason)
    },
    async close(onEnd) {
      const failures: string[] = []
      for (let entry = owned.pop(); entry; entry = owned.pop()) {
        const failed = await endWithin(entry)
        if (failed) failures.push(failed)
        else onEnd?.(entry.what)
      }
      return failures
    },
  }
}

async function endWithin(entry: Owned): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<string>((resolve) => {
    timer = setTimeout(
      () => resolve(`${entry.what} did not end within ${CLOSE_DEADLINE_MS / 1000} s`),
      CLOSE_DEADLINE_MS,
    )
  })
  try {
    return await Promise.race([entry.end().then(() => null), deadline])
  } catch (error) {
    return `${entry.what}: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    clearTimeout(timer)
  }
}

/** The person asked to stop. */
export class Interrupted extends Error {
  readonly signalName: NodeJS.Signals
  constructor(signalName: NodeJS.Signals) {
    super(`stopped by ${signalName}`)
    this.name = 'Interrupted'
    this.signalName = signalName
  }
}

/** Throws the abort's reason when the scope was told to stop. */
export function checkpoint(scope: Scope): void {
  if (scope.signal.aborted) throw scope.signal.reason
}

/** Rejects with the abort's reason as soon as the scope is told to stop, else settles as `work` does. */
export async function orAbort<T>(scope: Scope, work: Promise<T>): Promise<T> {
  // Who is told of the abort does not hear of what the work comes to afterwards; that is no unhandled failure.
  work.catch(() => undefined)
  checkpoint(scope)
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(scope.signal.reason)
    scope.signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (onAbort) scope.signal.removeEventListener('abort', onAbort)
  }
}

/** A problem for anything that died although nobody asked it to. */
export function died(what: string, how: string, logFile: string): Problem {
  return new Problem({
    code: 'drill-process-died',
    what: `${what} ended in the middle of the drill (${how}).`,
    where: logFile,
    remedy: 'Run the drill again; if it ends again, read the last lines of that log.',
    retriable: true,
  })
}
