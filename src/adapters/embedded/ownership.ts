import { randomBytes } from 'node:crypto'
import { linkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirectoryInUse } from './problems.ts'
import { commandOf, isAlive, type ProcessIdentity, thisProcess } from './processes.ts'
import { errorCode, ifThere, namesIn, textOf } from './system.ts'

/** More contenders than this for one folder within a moment is not a race but a fault. */
const MAX_ATTEMPTS = 50
const OWNER_FILE = /^owner\.(\d+)\.json$/

/** The right to a folder, from `takeOwnership` to `release` or the end of this process. */
export interface Ownership {
  /** Lets the next one have the folder. Doing it twice does no harm. */
  release(): void
}

/**
 * Makes this process the only owner of `folder`, or says who is. Nobody has to clean up after an owner that was
 * killed: an owner counts only while the process with its pid and start time lives.
 *
 * Owners are numbered files; the highest number owns. A contender links its complete file under the next number,
 * which only one can do, and looks again: whoever sees a higher number was late and withdraws. The highest file is
 * never removed (a release empties it), so numbers never go backwards and a slow contender cannot win twice.
 * @throws Problem `data-directory-in-use` with the owner's pid.
 */
export function takeOwnership(folder: string): Ownership {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const highest = highestOwner(folder)
    const holder = highest === 0 ? undefined : readOwner(ownerFile(folder, highest))
    if (holder !== undefined && isAlive(holder))
      throw dataDirectoryInUse({ folder, pid: holder.pid, command: commandOf(holder.pid) })
    const mine = highest + 1
    if (!claim(folder, mine)) continue
    if (highestOwner(folder) !== mine) {
      rmSync(ownerFile(folder, mine), { force: true })
      continue
    }
    for (const number of ownerNumbers(folder)) if (number < mine) rmSync(ownerFile(folder, number), { force: true })
    return { release: releaseOnce(folder, mine) }
  }
  throw new Error(`${folder}: no owner could be settled in ${MAX_ATTEMPTS} attempts`)
}

const ownerFile = (folder: string, number: number): string => join(folder, `owner.${number}.json`)

const ownerNumbers = (folder: string): readonly number[] =>
  namesIn(folder).flatMap((name) => {
    const number = OWNER_FILE.exec(name)?.[1]
    return number === undefined ? [] : [Number(number)]
  })

const highestOwner = (folder: string): number => Math.max(0, ...ownerNumbers(folder))

/** The owner that the file names; undefined when it was released, or cut short by a crash of the machine. */
function readOwner(file: string): ProcessIdentity | undefined {
  const text = textOf(file) ?? ''
  const match = /"pid":(\d+),"startedAt":"([^"]+)"/.exec(text)
  return match?.[1] === undefined || match[2] === undefined ? undefined : { pid: Number(match[1]), startedAt: match[2] }
}

function claim(folder: string, number: number): boolean {
  const draft = join(folder, `owner.draft-${randomBytes(8).toString('hex')}`)
  try {
    writeFileSync(draft, JSON.stringify(thisProcess()), { flag: 'wx' })
    linkSync(draft, ownerFile(folder, number))
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function releaseOnce(folder: string, number: number): () => void {
  let released = false
  return () => {
    if (released) return
    released = true
    // An empty file names nobody; emptying it works on a full disk too, and a folder deleted meanwhile needs none.
    ifThere(() => truncateSync(ownerFile(folder, number)))
  }
}
