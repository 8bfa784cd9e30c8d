/**
 * Which sorts and hashes would not fit their memory and go to disk. Sizes as PostgreSQL reckons them: a sorted row is its
 * width and a header of 24 bytes (relation_byte_size, costsize.c), a hashed one its width and 32
 * (ExecChooseHashTableSize, nodeHash.c), widths rounded up to 8.
 */
import type { PlanTree, Step } from './tree.ts'

/** What one sort and one hash may take. Bytes. */
export interface Memory {
  readonly sortBytes: number
  readonly hashBytes: number
}

/** PostgreSQL's defaults: work_mem 4 MB, hash_mem_multiplier 2. */
export const DEFAULT_MEMORY: Memory = { sortBytes: 4_194_304, hashBytes: 8_388_608 }

const SORT_HEADER = 24
const HASH_HEADER = 32

/** A sort or hash that goes to disk. */
export interface Spill {
  /** `Sort`, `Incremental Sort`, `Hash` or `Aggregate`. */
  readonly what: string
  readonly tables: readonly string[]
  readonly bytes: number
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
}

/** Bytes of a setting such as `4MB`, `4096kB`, or `4096` (kB, as work_mem counts); null when it is none. */
function bytesOf(setting: string): number | null {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?\s*$/.exec(setting)
  if (parts === null) return null
  return Number(parts[1]) * (UNITS[parts[2] ?? 'kB'] ?? 1024)
}

/** From `work_mem` and `hash_mem_multiplier` of a snapshot's settings; PostgreSQL's defaults where they are missing. */
export function memoryOf(settings: readonly { readonly name: string; readonly value: string }[]): Memory {
  const value = (name: string) => settings.find((one) => one.name === name)?.value
  const sortBytes = bytesOf(value('work_mem') ?? '') ?? DEFAULT_MEMORY.sortBytes
  const multiplier = Number(value('hash_mem_multiplier') ?? 2)
  return { sortBytes, hashBytes: sortBytes * (Number.isFinite(multiplier) && multiplier >= 1 ? multiplier : 2) }
}

function bytesOfStep(step: Step): number {
  const header = /Sort$/.test(step.what) ? SORT_HEADER : HASH_HEADER
  const rows = step.limit === null ? step.node['Plan Rows'] : Math.min(step.limit, step.node['Plan Rows'])
  return rows * (Math.ceil((step.node['Plan Width'] ?? 0) / 8) * 8 + header)
}

/** A sort below LIMIT keeps only that many rows. An incremental sort holds one group at a time, so it is left out. */
export function spillsOf(tree: PlanTree, memory: Memory): readonly Spill[] {
  const over = (steps: readonly Step[], limit: number) =>
    steps.flatMap((step) => {
      const bytes = bytesOfStep(step)
      return bytes > limit ? [{ what: step.what, tables: step.tables, bytes }] : []
    })
  const sorts = tree.sorts.filter((step) => step.what === 'Sort')
  return [...over(sorts, memory.sortBytes), ...over(tree.hashes, memory.hashBytes)]
}
