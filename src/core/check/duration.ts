import type { Work } from './finding.ts'

/** What work is done on, at production's size. */
export interface WorkSize {
  readonly rows: number
  /** The table's main file. */
  readonly tableBytes: number
  /** All its indexes for a rewrite; the new one for an index build. */
  readonly indexBytes: number
}

/** A span within which most machines stay, and the figures that it rests on. */
export interface DurationEstimate {
  readonly lowMs: number
  readonly highMs: number
  /** Such as "reads 11.2 GB at 100 to 500 MB/s". */
  readonly basis: string
}

const MEGABYTE = 1_000_000
/** Read speed of a table that is partly cached: a network disk to a local one. Bytes a second. */
const SCAN_SPEED = { low: 100 * MEGABYTE, high: 500 * MEGABYTE }
/** Reading and writing all of it anew, with the log of the writes. Bytes a second. */
const REWRITE_SPEED = { low: 25 * MEGABYTE, high: 120 * MEGABYTE }
/** Keys sorted into an index. Rows a second. */
const BUILD_SPEED = { low: 150_000, high: 900_000 }
/** Rows changed one by one, each with a new version, its entries in all indexes and its part of the log. Rows a second. */
const CHANGE_SPEED = { low: 10_000, high: 100_000 }
/** Each index makes a change of a row slower by about this share of what it costs without any. */
const COST_OF_AN_INDEX = 0.3
/** Catalog changes are over in milliseconds; what is on top is the commit. */
const INSTANT_HIGH_MS = 50

const gigabytes = (bytes: number): string =>
  bytes >= 1e8 ? `${(bytes / 1e9).toPrecision(3)} GB` : `${(bytes / 1e6).toPrecision(3)} MB`

const span = (amount: number, speed: { readonly low: number; readonly high: number }) => ({
  lowMs: (amount / speed.high) * 1000,
  highMs: (amount / speed.low) * 1000,
})

/**
 * How long work holds its lock once it has it. Speeds are those of ordinary cloud machines, low and high; waiting for
 * the lock comes on top.
 */
export function estimateDuration(work: Work, size: WorkSize): DurationEstimate {
  if (work === 'instant') return { lowMs: 0, highMs: INSTANT_HIGH_MS, basis: 'changes the catalog only' }
  if (work === 'scan')
    return atLeastInstant({
      ...span(size.tableBytes, SCAN_SPEED),
      basis: `reads ${gigabytes(size.tableBytes)} at 100 to 500 MB/s`,
    })
  if (work === 'rewrite') {
    const bytes = size.tableBytes + size.indexBytes
    return atLeastInstant({
      ...span(bytes, REWRITE_SPEED),
      basis: `writes ${gigabytes(bytes)} anew at 25 to 120 MB/s`,
    })
  }
  const rows = span(size.rows, BUILD_SPEED)
  const basis = `reads ${gigabytes(size.tableBytes)} and sorts ${Math.round(size.rows).toLocaleString('en')} rows at 150,000 to 900,000 a second`
  const read = span(size.tableBytes, SCAN_SPEED)
  return atLeastInstant({ lowMs: rows.lowMs + read.lowMs, highMs: rows.highMs + read.highMs, basis })
}

/** Nothing is over sooner than a change of the catalog, for certain. */
const atLeastInstant = (estimate: DurationEstimate): DurationEstimate => ({
  ...estimate,
  highMs: Math.max(INSTANT_HIGH_MS, estimate.highMs),
})

/** How long an UPDATE, DELETE or INSERT … SELECT runs, and with it its transaction. */
export function estimateChange(size: {
  /** That it changes. */
  readonly rows: number
  /** Read to find them. */
  readonly tableBytes: number
  /** Indexes of the table that is changed. */
  readonly indexes: number
}): DurationEstimate {
  const read = span(size.tableBytes, SCAN_SPEED)
  const change = span(size.rows * (1 + COST_OF_AN_INDEX * size.indexes), CHANGE_SPEED)
  const indexes = size.indexes === 1 ? '1 index' : `${size.indexes} indexes`
  return atLeastInstant({
    lowMs: read.lowMs + change.lowMs,
    highMs: read.highMs + change.highMs,
    basis: `reads ${gigabytes(size.tableBytes)} and changes about ${Math.round(size.rows).toLocaleString('en')} rows with ${indexes} at 10,000 to 100,000 a second`,
  })
}
