import { lstat, mkdir, readdir, readFile, statfs } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../base/problem.ts'

/** One payment with its customer, order and indexes in a loaded database. Measured at 2,000,000 rows: 540 to 566 MB. */
const TABLE_BYTES_PER_ROW = 283
/** The cached data, and the copy of it that an act works on. */
const COPIES = 2
/** Write-ahead log of loading one row. The server may keep all of it: 433 to 769 MB were there after 2,000,000 rows. */
const LOG_BYTES_PER_ROW = 400
/** Does not grow with the rows: two new servers (66 MB each, measured), and the results that are kept (0.8 MB a drill). */
const BASE_DISK_BYTES = 150e6
/** Not measured: what an act writes besides, other platforms, other programs that fill the disk meanwhile. */
const DISK_MARGIN = 1.25
/** The unit of `stat`'s blocks, on every system. */
const BLOCK_BYTES = 512
const BASE_MEMORY_BYTES = 1.5e9
const MEMORY_BYTES_PER_ROW = 300

/** What a drill of this size needs, packages not counted. Bytes. */
export const needs = (rows: number) => ({
  disk: (BASE_DISK_BYTES + rows * (COPIES * TABLE_BYTES_PER_ROW + LOG_BYTES_PER_ROW)) * DISK_MARGIN,
  memory: BASE_MEMORY_BYTES + rows * MEMORY_BYTES_PER_ROW,
})

/** Room that a drill may use, in bytes. */
export interface Room {
  readonly disk: number
  readonly memory: number
}

/**
 * Refuses a drill that this machine cannot hold, before anything but the folder is made.
 * @throws Problem `not-enough-disk`, `not-enough-memory`
 */
export async function preflight(folder: string, rows: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const disk = await statfs(folder)
  // The servers' folder is used again, whatever it holds: the same data is kept, data of another size is replaced.
  const room = disk.bavail * disk.bsize + (await bytesUnder(join(folder, 'postgres')))
  requireRoom({ disk: room, memory: await availableMemory() }, rows, folder)
}

/** Bytes that the files of a folder take on disk; what is not there, or not ours to see, takes none. */
export async function bytesUnder(folder: string): Promise<number> {
  // Nothing there yet: it takes no room.
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  let bytes = 0
  for (const name of names) {
    // Removed while we looked: the same.
    const file = await lstat(join(folder, name)).catch(() => null)
    if (file?.isFile()) bytes += file.blocks * BLOCK_BYTES
  }
  return bytes
}

/** @throws Problem `not-enough-disk`, `not-enough-memory` */
export function requireRoom(free: Room, rows: number, folder: string): void {
  const need = needs(rows)
  if (free.disk < need.disk) throw notEnough({ what: 'disk', need: need.disk, free: free.disk, rows, where: folder })
  if (free.memory < need.memory) throw notEnough({ what: 'memory', need: need.memory, free: free.memory, rows })
}

/** Memory that can be had without swapping: the kernel's own estimate on Linux. */
async function availableMemory(): Promise<number> {
  const info = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(info)?.[1]
  return kilobytes ? Number(kilobytes) * 1024 : freemem()
}

function notEnough(lack: {
  what: 'disk' | 'memory'
  need: number
  free: number
  rows: number
  where?: string
}): Problem {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  return new Problem({
    code: `not-enough-${lack.what}`,
    what: `A drill with ${lack.rows.toLocaleString('en')} rows needs ${gigabytes(lack.need)} of ${lack.what}; ${gigabytes(lack.free)} are ${lack.what === 'disk' ? 'free or its own already' : 'free'}.`,
    where: lack.where,
    remedy: `Free some ${lack.what}, or drill with fewer rows: --rows 500000.`,
  })
}
