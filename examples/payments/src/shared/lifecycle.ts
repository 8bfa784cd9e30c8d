/** How a service starts, tells that it is ready, and ends. The only place that ends the process. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError, type ServiceConfig } from './config.ts'
import { createLog, type Log, messageOf } from './log.ts'

/** Exit code for settings that are missing or wrong. */
const EXIT_CONFIG = 2
/** How often connections that have become idle are closed while the service ends, milliseconds. */
const IDLE_SWEEP_MS = 20

/** A running service: what it tells when ready, and how it ends. */
export interface Running {
  readonly url: string
  readonly adminUrl?: string
  /** Stops taking requests, lets those under way finish within `graceMs`, and frees what it holds. */
  stop(graceMs: number): Promise<void>
}

/** Base address of a listening server. */
export function urlOf(server: Server, host: string): string {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a TCP port')
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

/**
 * Ends an HTTP server: no new connection, answers under way are finished, then connections are closed, after `graceMs`
 * at the latest. `close` starts the ending and resolves when no connection is left.
 */
export async function drain(server: Server, close: () => Promise<unknown>, graceMs: number): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS)
  const force = setTimeout(() => server.closeAllConnections(), graceMs)
  try {
    await close()
  } finally {
    clearInterval(sweep)
    clearTimeout(force)
  }
}

interface Service<Config extends ServiceConfig> {
  /** @throws ConfigError when the environment is not usable. */
  readonly configure: (env: NodeJS.ProcessEnv) => Config
  readonly start: (config: Config, log: Log) => Promise<Running>
}

async function startConfigured<Config extends ServiceConfig>(service: Service<Config>, config: Config): Promise<void> {
  const print = (line: string) => process.stdout.write(line)
  const identity = { service: config.SERVICE, release: config.RELEASE, replica: config.REPLICA }
  const log = createLog({ ...identity, write: print, now: Date.now })
  const running = await service.start(config, log)
  let ending = false
  const end = async (signal: string) => {
    if (ending) return
    ending = true
    log.info('stopping', { signal, grace_ms: config.GRACE_MS })
    await running.stop(config.GRACE_MS)
    log.info('stopped')
    process.exit(0)
  }
  const endOrFail = (signal: string) => {
    end(signal).catch((error: unknown) => {
      log.error('could not stop in order', { reason: messageOf(error) })
      process.exit(1)
    })
  }
  process.on('SIGTERM', endOrFail)
  process.on('SIGINT', endOrFail)
  print(`${JSON.stringify({ event: 'listening', ...identity, url: running.url, adminUrl: running.adminUrl })}\n`)
}

/**
 * Runs a service as this process. It ends by itself, at once, when its standard input closes: its owner has died.
 * So an owner must keep a pipe to it open.
 */
export function runService<Config extends ServiceConfig>(service: Service<Config>): void {
  process.stdin.on('end', () => process.exit(0))
  process.stdin.on('error', () => process.exit(0))
  process.stdin.resume()
  // A reader that went away must not turn the next log line into a crash report.
  process.stdout.on('error', () => process.exit(0))
  const fail = (error: unknown) => {
    process.stderr.write(`${error instanceof ConfigError ? 'config' : 'start'}: ${messageOf(error)}\n`)
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1)
  }
  try {
    startConfigured(service, service.configure(process.env)).catch(fail)
  } catch (error) {
    fail(error)
  }
}
