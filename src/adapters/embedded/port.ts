import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { commandOf } from './processes.ts'
import { errorCode, linkOf, namesIn, textOf } from './system.ts'

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number
  /** Its command line, at most 200 characters. */
  readonly command: string
}

/** State of a listening socket in /proc/net/tcp. */
const LISTEN = '0A'

/** A port of 127.0.0.1 that was free a moment ago; another process may take it first. */
export const freePort = (): Promise<number> => probe(0)

/** A chosen port may be taken by another process before it is used; so often in a row it is not. */
const MAX_ATTEMPTS = 5

/**
 * Tries one free port after another, at most five, until `use` answers something else than `taken`.
 * @returns the last answer, and the port that it was about.
 */
export async function onFreePort<T>(
  use: (port: number) => Promise<T>,
  taken: (answer: T) => boolean,
  choose: () => Promise<number> = freePort,
): Promise<{ readonly port: number; readonly answer: T }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choose()
    const answer = await use(port)
    if (!taken(answer) || attempt === MAX_ATTEMPTS) return { port, answer }
  }
}

/** True when 127.0.0.1:`port` can be listened on now. Errors other than "in use" are thrown. */
export async function isFree(port: number): Promise<boolean> {
  try {
    await probe(port)
    return true
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return false
    throw error
  }
}

/**
 * The process that listens on `port` (any address, IPv4 or IPv6); undefined when nobody does, or when it belongs to
 * a user whose processes this one may not look into.
 */
export function holderOfPort(port: number): PortHolder | undefined {
  const pid = process.platform === 'linux' ? holderByProc(port) : holderByLsof(port)
  return pid === undefined ? undefined : { pid, command: commandOf(pid) ?? 'unknown' }
}

function probe(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}

/** The inodes of the sockets that listen on `port`, from the text of /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const inode = fields[9]
    return fields[1]?.endsWith(wanted) === true && fields[3] === LISTEN && inode !== undefined ? [inode] : []
  })
}

function holderByProc(port: number): number | undefined {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => textOf(file) ?? '')
  const sockets = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`))
  if (sockets.size === 0) return undefined
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name))
  const holder = pids.find((pid) =>
    namesIn(`/proc/${pid}/fd`).some((fd) => sockets.has(linkOf(`/proc/${pid}/fd/${fd}`) ?? '')),
  )
  return holder === undefined ? undefined : Number(holder)
}

function holderByLsof(port: number): number | undefined {
  const { stdout } = spawnSync('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'], { encoding: 'utf8' })
  const pid = Number.parseInt(stdout ?? '', 10)
  return Number.isNaN(pid) ? undefined : pid
}
