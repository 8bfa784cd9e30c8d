import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'

/** The log is emptied at a start that finds it longer than this. */
const MAX_LOG_BYTES = 50 * 1024 * 1024
/** As much of the log's end as is read back for an error message. */
const TAIL_BYTES = 16 * 1024

/** A server's log, open for appending. */
export interface ServerLog {
  readonly file: string
  /** Given to the server as its standard output and error. */
  readonly fd: number
  /** What was written since this log was opened; at most its last 16 KiB. */
  tail(): string
  close(): void
}

/** Opens a server's log, made with mode 0600 when missing; emptied first when it is longer than 50 MiB. */
export function openLog(file: string): ServerLog {
  const fd = openSync(file, 'a+', 0o600)
  if (fstatSync(fd).size > MAX_LOG_BYTES) ftruncateSync(fd)
  const from = fstatSync(fd).size
  let open = true
  return {
    file,
    fd,
    tail: () => {
      const { size } = fstatSync(fd)
      const start = Math.max(from, size - TAIL_BYTES)
      const buffer = Buffer.alloc(Math.max(0, size - start))
      const length = readSync(fd, buffer, { position: start })
      return buffer.toString('utf8', 0, length)
    },
    close: () => {
      if (open) closeSync(fd)
      open = false
    },
  }
}
