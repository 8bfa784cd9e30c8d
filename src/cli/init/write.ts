/** Writes the files of a plan: all of them, or none. */
import { mkdir, rmdir, unlink, writeFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import type { Change } from './changes.ts'
import { notWritten } from './problems.ts'

interface Done {
  readonly change: Change
  /** The first folder that had to be made for it; null for none. */
  readonly madeFolder: string | null
}

/**
 * @throws Problem `init-not-written`: a file could not be written; what had been written before it is as it was
 */
export async function writeChanges(changes: readonly Change[], cwd: string): Promise<void> {
  const done: Done[] = []
  for (const change of changes) {
    if (change.kind === 'keep') continue
    let madeFolder: string | null = null
    try {
      madeFolder = (await mkdir(dirname(change.path), { recursive: true })) ?? null
      await writeFile(change.path, change.after, { flag: change.before === null ? 'wx' : 'w' })
      done.push({ change, madeFolder })
    } catch (cause) {
      if (madeFolder !== null) await removeFolders(dirname(change.path), madeFolder)
      await undo(done)
      throw notWritten(relative(cwd, change.path), 'written', cause)
    }
  }
}

async function undo(done: readonly Done[]): Promise<void> {
  for (const { change, madeFolder } of done.toReversed()) {
    if (change.before === null) await unlink(change.path)
    else await writeFile(change.path, change.before)
    if (madeFolder !== null) await removeFolders(dirname(change.path), madeFolder)
  }
}

/** From the innermost outwards, those that were made and are empty. */
async function removeFolders(from: string, to: string): Promise<void> {
  for (let folder = from; folder.length >= to.length; folder = dirname(folder)) await rmdir(folder)
}
