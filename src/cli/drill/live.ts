/** What a person sees while the drill runs: a line for each thing that happens, and on a terminal a status line below. */
import pc from 'picocolors'
import type { PoolNow } from './pool.ts'

export interface LiveStatus {
  /** `14:41` of the incident. */
  readonly time: string
  readonly act: string
  readonly requestsPerSecond: number
  readonly errorPercent: number
  readonly p95Ms: number
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
  close(): void
}

export type Tone = 'plain' | 'good' | 'bad' | 'quiet'

/** Status lines between two printed ones where there is no terminal. */
const QUIET_STATUS_EVERY = 15
const SPARK = '▁▂▃▄▅▆▇█'
const SPARK_LENGTH = 24
const ERROR_PERCENT_AT_FULL_SPARK = 25

/** A live view on `stream`. With a terminal the status line is redrawn in place; without one it is printed now and then. */
export function createLive(stream: NodeJS.WriteStream, color: boolean): Live {
  const paint = pc.createColors(color)
  const tones: Record<Tone, (text: string) => string> = {
    plain: String,
    good: paint.green,
    bad: paint.red,
    quiet: paint.dim,
  }
  const terminal = stream.isTTY === true
  const errors: number[] = []
  let shown = ''
  let skipped = QUIET_STATUS_EVERY
  const write = (text: string) => {
    stream.write(terminal && shown ? `\r\x1b[2K${text}\n${shown}` : `${text}\n`)
  }
  return {
    phase: (text) => write(`\n${paint.bold(text)}`),
    line: (text, time = null, tone = 'plain') => write(`  ${time ? paint.dim(`${time}  `) : ''}${tones[tone](text)}`),
    status(status) {
      errors.push(status.errorPercent)
      if (errors.length > SPARK_LENGTH) errors.shift()
      const text = statusText(status, spark(errors))
      if (terminal) {
        shown = paint.cyan(text.slice(0, Math.max(20, stream.columns - 1)))
        stream.write(`\r\x1b[2K${shown}`)
        return
      }
      skipped += 1
      if (skipped < QUIET_STATUS_EVERY) return
      skipped = 0
      stream.write(`  ${text}\n`)
    },
    close() {
      if (terminal && shown) stream.write('\r\x1b[2K')
      shown = ''
      errors.length = 0
      skipped = QUIET_STATUS_EVERY
    },
  }
}

function spark(values: readonly number[]): string {
  const level = (value: number) =>
    Math.min(SPARK.length - 1, Math.floor((value / ERROR_PERCENT_AT_FULL_SPARK) * SPARK.length))
  return values.map((value) => SPARK[level(value)] ?? '').join('')
}

function statusText(status: LiveStatus, curve: string): string {
  const waiting = status.pool && status.pool.pending > 0 ? ` +${status.pool.pending} waiting` : ''
  const pool = status.pool ? `pool ${status.pool.used}/${status.pool.max}${waiting}` : 'pool ?'
  const parts = [
    `${status.time} ${status.act}`,
    `${status.requestsPerSecond.toFixed(0)} req/s`,
    `errors ${status.errorPercent.toFixed(1)} % ${curve}`,
    `p95 ${status.p95Ms >= 1000 ? `${(status.p95Ms / 1000).toFixed(1)} s` : `${status.p95Ms.toFixed(0)} ms`}`,
    pool,
  ]
  if (status.firing.length > 0) parts.push(`firing: ${status.firing.join(', ')}`)
  return parts.join(' │ ')
}
