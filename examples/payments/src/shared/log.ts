/** Logs are JSON lines on standard output, one object a line. */

export type Level = 'info' | 'warn' | 'error'
export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Lines with the same warning or error a second, at most; the next second's first line says how many were left out. */
export const MAX_SAME_MESSAGES_PER_SECOND = 5
/** Different messages that are counted at a time; beyond it counting starts anew. */
const MAX_COUNTED_MESSAGES = 200

export interface Log {
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
}

interface LogOptions {
  readonly service: string
  readonly release: string
  readonly replica: string
  /** Takes one line with its line break. */
  readonly write: (line: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A log that names its service and release in every line and cannot be flooded by one repeating failure. */
export function createLog(options: LogOptions): Log {
  const counts = new Map<string, { second: number; written: number; left: number }>()

  /** The number of lines left out before this one, or null when this one is to be left out. */
  const admit = (message: string, second: number): number | null => {
    const seen = counts.get(message)
    if (seen?.second === second) {
      if (seen.written < MAX_SAME_MESSAGES_PER_SECOND) {
        seen.written++
        return 0
      }
      seen.left++
      return null
    }
    if (counts.size >= MAX_COUNTED_MESSAGES) counts.clear()
    counts.set(message, { second, written: 1, left: 0 })
    return seen?.left ?? 0
  }

  const line = (level: Level, message: string, fields: Fields = {}) => {
    const at = options.now()
    const left = level === 'info' ? 0 : admit(message, Math.floor(at / 1000))
    if (left === null) return
    const head = { time: new Date(at).toISOString(), level, service: options.service, release: options.release }
    const tail = left > 0 ? { suppressed: left } : {}
    options.write(`${JSON.stringify({ ...head, replica: options.replica, message, ...fields, ...tail })}\n`)
  }
  return {
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
  }
}

/** The trace id of a W3C `traceparent` header; undefined when there is none or it is malformed. */
export function traceId(traceparent: string | undefined): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? '')?.[1]
}

/** What an unknown thrown value says about itself. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
