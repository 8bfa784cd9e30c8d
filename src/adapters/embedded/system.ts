import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** What a file, link or process that vanished, or that is not ours to see, answers. */
const ABSENT = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EINVAL'])

/** The code of a system error, such as `ENOENT`; undefined for anything else. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** `read()`, or undefined when its subject is gone or hidden; any other error is thrown. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (ABSENT.has(errorCode(error) ?? '')) return undefined
    throw error
  }
}

/** The text of a file; undefined when it is gone or hidden. */
export const textOf = (file: string): string | undefined => ifThere(() => readFileSync(file, 'utf8'))
/** Where a symbolic link leads; undefined when it is gone or hidden. */
export const linkOf = (link: string): string | undefined => ifThere(() => readlinkSync(link))
/** The names in a folder; none when it is gone or hidden. */
export const namesIn = (folder: string): readonly string[] => ifThere(() => readdirSync(folder)) ?? []

/** Asks `check` every `everyMs` until it is true (→ true), `timeoutMs` have passed or `signal` is aborted (→ false). */
export async function waitUntil(
  check: () => boolean,
  limits: { readonly timeoutMs: number; readonly everyMs?: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const deadline = performance.now() + limits.timeoutMs
  for (;;) {
    if (check()) return true
    if (limits.signal?.aborted === true || performance.now() >= deadline) return false
    await delay(limits.everyMs ?? 20)
  }
}
