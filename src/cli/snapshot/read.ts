import { readFile, stat } from 'node:fs/promises'
import type { z } from 'zod'
import { Problem } from '../../base/problem.ts'
import { SNAPSHOT_FORMAT, type Snapshot } from '../../core/check/snapshot.ts'
import { snapshotShape } from './shape.ts'

/** A hundred times what 300 tables take. */
const MAX_SNAPSHOT_BYTES = 128 * 1024 * 1024
const TAKE = 'Take one: premortem snapshot --url <address> --out <file>.'
const TAKE_ANEW = 'Take the snapshot again: premortem snapshot --url <address> --out <file>.'

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_SNAPSHOT_BYTES) {
      throw new Problem({
        code: 'snapshot-too-large',
        what: `The snapshot has ${Math.round(size / 1e6)} MB; at most ${Math.round(MAX_SNAPSHOT_BYTES / 1e6)} MB are read.`,
        where: path,
        remedy: 'Check that the path names a snapshot; take one with --values remap, which is smaller.',
      })
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Problem) throw error
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new Problem({
      code: 'snapshot-not-readable',
      what: missing ? 'There is no snapshot.' : `The snapshot cannot be read: ${String(error)}.`,
      where: path,
      remedy: missing ? TAKE : 'Make the file readable, or name another one.',
      cause: error,
    })
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const ends = text.trimEnd().endsWith('}')
    throw new Problem({
      code: 'snapshot-damaged',
      what: ends
        ? `The snapshot is not JSON: ${error instanceof Error ? error.message : String(error)}.`
        : `The snapshot breaks off after ${text.length.toLocaleString('en')} characters.`,
      where: path,
      remedy: `${TAKE_ANEW} When it was merged by hand, resolve the conflict first.`,
      cause: error,
    })
  }
}

/** `relations[3].columns[0].nDistinct`. */
const jsonPath = (path: readonly PropertyKey[]): string =>
  path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`)).join('')

function checkFormat(value: unknown, path: string): void {
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  const foreign = typeof value !== 'object' || value === null || !('relations' in value) || typeof format !== 'number'
  if (foreign) {
    throw new Problem({
      code: 'snapshot-foreign',
      what: 'This JSON is not a snapshot of premortem: it lacks "format" or "relations".',
      where: path,
      remedy: `Name the file that premortem snapshot wrote. ${TAKE}`,
    })
  }
  if (format > SNAPSHOT_FORMAT) {
    throw new Problem({
      code: 'snapshot-newer',
      what: `The snapshot has format ${format}; this premortem reads formats up to ${SNAPSHOT_FORMAT}.`,
      where: path,
      remedy: 'Upgrade premortem, or take the snapshot again with this one.',
    })
  }
}

function damaged(issue: z.core.$ZodIssue | undefined, path: string): Problem {
  const at = jsonPath(issue?.path ?? [])
  return new Problem({
    code: 'snapshot-damaged',
    what: `The snapshot is damaged at ${at || 'its top'}: ${issue?.message ?? 'it has another shape'}.`,
    where: at === '' ? path : `${path}: ${at}`,
    remedy: TAKE_ANEW,
  })
}

/**
 * Reads a snapshot and checks all of it.
 * @throws Problem `snapshot-not-readable`, `snapshot-damaged`, `snapshot-foreign`, `snapshot-newer`, `snapshot-too-large`
 */
export async function readSnapshot(path: string): Promise<Snapshot> {
  const value = parsed(await textOf(path), path)
  checkFormat(value, path)
  const result = snapshotShape.safeParse(value)
  if (!result.success) throw damaged(result.error.issues[0], path)
  return result.data
}
