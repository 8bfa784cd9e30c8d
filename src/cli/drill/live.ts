/** What a person sees while the drill runs: a line for each thing that happens, and on a terminal a status line below. */
import pc from 'picocolors'
import type { PoolNow } from './pool.ts'
import { cut, wrap } from './wrap.ts'

export interface LiveStatus {
  /** `14:41` of the incident. */
  readonly time: string
  readonly act: string
  readonly requestsPerSecond: number
  readonly errorPercent: number
  /** Null while nothing is answered. */
  readonly p95Ms: number | null
  /** Null while the replicas do not answer. */
  readonly pool: PoolNow | null
  readonly firing: readonly string[]
}

export interface Live {
  /** A heading: a phase begins. */
  phase(text: string): void
  /** One thing that happened. `time` is the incident's, or null outside an act. */
  line(text: string, time?: string | null, tone?: Tone): void
  status(status: LiveStatus): void
  /** The status line goes: nothing is going on that it could show. */
  quiet(): void
  close(): void
}

/** A terminal, or what stands in for one. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export type Tone = 'plain' | 'good' | 'bad' | 'quiet'

/** Status lines between two printed ones where there is no terminal. */
const QUIET_STATUS_EVERY = 15
const SPARK = '▁▂▃▄▅▆▇█'
const SPARK_LENGTH = 24
/** A shorter curve says nothing. */
const LEAST_SPARK = 6
/** Where a terminal does not say how wide it is. */
const USUAL_COLUMNS = 80
const ERROR_PERCENT_AT_FULL_SPARK = 25

/** A live view on `stream`. With a terminal the status line is redrawn in place; without one it is printed now and then. */
export function createLive(stream: Output, color: boolean): Live {
  const paint = pc.createColors(color)
  const tones: Record<Tone, (text: string) => string> = {
    plain: String,
    good: paint.green,
    bad: paint.red,
    quiet: paint.dim,
  }
  const terminal = stream.isTTY === true
  const columns = () => (terminal ? (stream.columns ?? USUAL_COLUMNS) : Number.POSITIVE_INFINITY)
  const errors: number[] = []
  let shown = ''
  let skipped = QUIET_STATUS_EVERY
  const write = (text: string) => {
    stream.write(terminal && shown ? `\r\x1b[2K${text}\n${shown}` : `${text}\n`)
  }
  const quiet = () => {
    if (terminal && shown) stream.write('\r\x1b[2K')
    shown = ''
    errors.length = 0
    skipped = QUIET_STATUS_EVERY
  }
  return {
    phase: (text) => write(`\n${paint.bold(wrap(text, { columns: columns(), indent: 0 }))}`),
    line(text, time = null, tone = 'plain') {
      const head = time === null ? '' : `${time}  `
      // Rows below the first one begin where its words do.
      const indent = 2 + (head.length || /^ */.exec(text)?.[0].length || 0)
      write(`  ${head && paint.dim(head)}${tones[tone](wrap(text, { columns: columns(), indent }))}`)
    },
    status(status) {
      errors.push(status.errorPercent)
      if (errors.length > SPARK_LENGTH) errors.shift()
      const text = statusText(status, spark(errors), columns() - 1)
      if (terminal) {
        shown = paint.cyan(text)
        stream.write(`\r\x1b[2K${shown}`)
        return
      }
      skipped += 1
      if (skipped < QUIET_STATUS_EVERY) return
      skipped = 0
      stream.write(`  ${text}\n`)
    },
    quiet,
    close: quiet,
  }
}

function spark(values: readonly number[]): string {
  const level = (value: number) =>
    Math.min(SPARK.length - 1, Math.floor((value / ERROR_PERCENT_AT_FULL_SPARK) * SPARK.length))
  return values.map((value) => SPARK[level(value)] ?? '').join('')
}

/** In `width` columns: the curve gives way first, then the end of the line. */
function statusText(status: LiveStatus, curve: string, width: number): string {
  const waiting = status.pool && status.pool.pending > 0 ? ` +${status.pool.pending} waiting` : ''
  const pool = status.pool ? `pool ${status.pool.used}/${status.pool.max}${waiting}` : 'pool ?'
  const line = (shownCurve: string) =>
    [
      `${status.time} ${status.act}`,
      `${status.requestsPerSecond.toFixed(0)} req/s`,
      `errors ${status.errorPercent.toFixed(1)} %${shownCurve && ` ${shownCurve}`}`,
      `p95 ${latencyText(status.p95Ms)}`,
      pool,
      ...(status.firing.length > 0 ? [`firing: ${status.firing.join(', ')}`] : []),
    ].join(' │ ')
  const room = width - line('').length - 1
  const newest = room >= curve.length ? curve : curve.slice(-room)
  return cut(line(room >= LEAST_SPARK ? newest : ''), width)
}

function latencyText(p95Ms: number | null): string {
  if (p95Ms === null) return '–'
  return p95Ms >= 1000 ? `${(p95Ms / 1000).toFixed(1)} s` : `${p95Ms.toFixed(0)} ms`
}
