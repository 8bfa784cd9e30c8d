import { mkdir, readFile, statfs } from 'node:fs/promises'
import { freemem } from 'node:os'
import { Problem } from '../../base/problem.ts'

/** Bytes on disk of one payment with its customer, order and indexes, measured on 2,000,000 rows. */
const BYTES_PER_ROW = 480
/** The cached data, the act's copy of it, and the log of the writes. */
const COPIES = 3
const BASE_DISK_BYTES = 700e6
const BASE_MEMORY_BYTES = 1.5e9
const MEMORY_BYTES_PER_ROW = 300

/** What a drill of this size needs. Bytes. */
const needs = (rows: number) => ({
  disk: BASE_DISK_BYTES + rows * BYTES_PER_ROW * COPIES,
  memory: BASE_MEMORY_BYTES + rows * MEMORY_BYTES_PER_ROW,
})

/** Free room, in bytes. */
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
  requireRoom({ disk: disk.bavail * disk.bsize, memory: await availableMemory() }, rows, folder)
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
    what: `A drill with ${lack.rows.toLocaleString('en')} rows needs ${gigabytes(lack.need)} of ${lack.what}; ${gigabytes(lack.free)} are free.`,
    where: lack.where,
    remedy: `Free some ${lack.what}, or drill with fewer rows: --rows 500000.`,
  })
}
