/** Where the reference system lives, and how its processes are started. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Problem } from '../../base/problem.ts'
import type { ReplicaSet } from '../../core/release/ports.ts'

export interface ExamplePaths {
  readonly root: string
  readonly releases: string
  readonly data: string
  /** `.ts` in a clone, `.js` in the published package. */
  readonly extension: '.ts' | '.js'
}

/** Finds `examples/payments` beside the code that runs: sources in a clone, compiled files in the package. */
export function examplePaths(): ExamplePaths {
  // src/cli/drill/ → the repository; dist/src/cli/drill/ → dist.
  const root = fileURLToPath(new URL('../../../examples/payments', import.meta.url))
  const extension = existsSync(join(root, 'src', 'gateway', 'main.ts')) ? '.ts' : '.js'
  return { root, releases: join(root, 'releases'), data: join(root, 'data'), extension }
}

/** How the entry of a service is called. */
export const entry = (paths: ExamplePaths, service: string) =>
  join(paths.root, 'src', service, `main${paths.extension}`)

/** Command line and environment of one replica of the payment service. */
export function launchReplica(
  paths: ExamplePaths,
  options: { readonly databaseUrl: string; readonly checkoutTimeoutMs: number },
) {
  return (set: ReplicaSet, replica: number) => ({
    command: process.execPath,
    args: [join(paths.releases, set.release, `main${paths.extension}`)],
    env: {
      SERVICE: set.service,
      RELEASE: set.release,
      REPLICA: String(replica),
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      POOL_MAX: String(set.poolMaxPerReplica),
      CHECKOUT_TIMEOUT_MS: String(options.checkoutTimeoutMs),
    },
  })
}

export interface Generation {
  readonly url: string
  readonly rows: number
  readonly seed: number
  readonly signal: AbortSignal
  /** `payments 40 %`. */
  readonly onProgress: (line: string) => void
}

/** Last lines of the generator's output that a failure tells. */
const TOLD_LINES = 5

/**
 * Fills an empty database that has the stable release's tables. Runs in a process of its own: it is the example's program.
 * @throws Problem `data-generation-failed` with what the generator said; the signal's reason when aborted
 */
export async function generateData(paths: ExamplePaths, generation: Generation): Promise<void> {
  const { url, rows, seed, signal, onProgress } = generation
  const child = spawn(
    process.execPath,
    [join(paths.data, `main${paths.extension}`), '--rows', String(rows), '--seed', String(seed)],
    {
      env: { PATH: process.env.PATH, DATABASE_URL: url },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    },
  )
  const stop = () => child.kill('SIGKILL')
  signal.addEventListener('abort', stop, { once: true })
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line)
    if (said.length > TOLD_LINES) said.shift()
    onProgress(line)
  })
  const [code] = await once(child, 'close')
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (code === 0) return
  throw new Problem({
    code: 'data-generation-failed',
    what: `Generating ${rows.toLocaleString('en')} payments failed: ${said.join('; ')}.`,
    remedy: 'Make sure that there is enough free disk, and run the drill again: it starts from nothing.',
    retriable: true,
  })
}
