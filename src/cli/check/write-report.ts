/** Reports as files: whole or not at all. */
import { randomUUID } from 'node:crypto'
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Problem } from '../../base/problem.ts'

const notWritten = (file: string, cause: unknown): Problem =>
  new Problem({
    code: 'report-not-written',
    what: `The result cannot be written to ${file}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    where: file,
    remedy: 'Name a file in a folder that is there and may be written to.',
    cause,
  })

/** What is at a path; null when nothing is. */
async function kindOf(file: string): Promise<'file' | 'folder' | 'device' | null> {
  try {
    const found = await stat(file)
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'device'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * Asked before a check begins: nobody wants to hear it after a minute of work.
 * @throws Problem `report-not-written`
 */
export async function requireWritable(file: string): Promise<void> {
  try {
    const kind = await kindOf(file)
    if (kind === 'folder') throw new Error('it is a folder')
    if (kind !== null) await access(file, constants.W_OK)
    if (kind !== 'device') await access(dirname(resolve(file)), constants.W_OK)
  } catch (cause) {
    throw notWritten(file, cause)
  }
}

/**
 * Written beside it and then put in its place; what is no plain file, such as `/dev/stdout`, is written to.
 * @throws Problem `report-not-written`
 */
export async function writeReport(file: string, text: string): Promise<void> {
  const beside = `${resolve(file)}.${randomUUID()}.tmp`
  try {
    if ((await kindOf(file)) === 'device') return await writeFile(file, text)
    await writeFile(beside, text, { flag: 'wx' })
    await rename(beside, file)
  } catch (cause) {
    throw notWritten(file, cause)
  } finally {
    await rm(beside, { force: true })
  }
}
