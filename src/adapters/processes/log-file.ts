import { createWriteStream, mkdirSync, openSync, renameSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'

/** A log of this size is set aside as `<name>.1`, replacing the one set aside before: two of these a process at most. */
export const MAX_LOG_BYTES = 16 * 1024 * 1024
/** What is kept in memory, for the message of a process that failed. */
export const MAX_TAIL_LINES = 10
/** A line is told up to here. */
const MAX_TAIL_LINE_CHARS = 500

/** Where the output of one process goes. */
export interface LogFile {
  readonly path: string
  write(chunk: Buffer | string): void
  /** The last lines, oldest first. */
  tail(): readonly string[]
  /** Resolves when everything is on disk. */
  close(): Promise<void>
}

function open(path: string): WriteStream {
  const stream = createWriteStream(path, { fd: openSync(path, 'w') })
  // A full disk must not end the process that watches; the lines stay in `tail`.
  stream.on('error', () => stream.destroy())
  return stream
}

/** Keeps what a process prints, bounded in size. */
export function openLogFile(path: string, maxBytes = MAX_LOG_BYTES): LogFile {
  mkdirSync(dirname(path), { recursive: true })
  let stream = open(path)
  let bytes = 0
  let unfinished = ''
  const lines: string[] = []

  const remember = (text: string) => {
    const parts = (unfinished + text).split('\n')
    unfinished = (parts.pop() ?? '').slice(0, MAX_TAIL_LINE_CHARS)
    lines.push(...parts.filter((line) => line.trim() !== '').map((line) => line.slice(0, MAX_TAIL_LINE_CHARS)))
    lines.splice(0, Math.max(0, lines.length - MAX_TAIL_LINES))
  }

  return {
    path,
    write(chunk) {
      const size = Buffer.byteLength(chunk)
      if (bytes > 0 && bytes + size > maxBytes) {
        stream.end()
        renameSync(path, `${path}.1`)
        stream = open(path)
        bytes = 0
      }
      bytes += size
      if (stream.writable) stream.write(chunk)
      remember(chunk.toString())
    },
    tail: () => (unfinished.trim() === '' ? [...lines] : [...lines, unfinished].slice(-MAX_TAIL_LINES)),
    close: () =>
      new Promise((resolve) => {
        if (stream.destroyed) return resolve()
        stream.once('close', () => resolve())
        stream.end()
      }),
  }
}
