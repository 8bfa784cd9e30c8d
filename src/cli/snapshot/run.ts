import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import pc from 'picocolors'
import { takeSnapshot } from '../../adapters/postgres/snapshot/take.ts'
import { systemClock } from '../../adapters/system/clock.ts'
import { Problem } from '../../base/problem.ts'
import type { Snapshot, WorkloadQuery } from '../../core/check/snapshot.ts'
import { printSnapshot } from '../../core/check/snapshot-file.ts'
import { queriesFromLog } from '../../core/check/workload/log.ts'
import { queriesFromSql } from '../../core/check/workload/sql-file.ts'
import { UnterminatedSql } from '../../core/postgres/scan.ts'
import { lineAt } from '../../core/postgres/split.ts'
import { onSignals } from '../signals.ts'
import type { SnapshotOptions } from './options.ts'

/** Longer files are not read into memory. */
const MAX_INPUT_BYTES = 256 * 1024 * 1024

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MAX_INPUT_BYTES) throw new Error(`it has ${Math.round(size / 1e6)} MB, more than 256 MB`)
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Problem({
      code: 'workload-unreadable',
      what: `The workload cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      where: path,
      remedy: 'Name a .sql file with --workload, or a PostgreSQL log of at most 256 MB with --log.',
      cause: error,
    })
  }
}

async function fromFile(path: string, cwd: string): Promise<readonly WorkloadQuery[]> {
  const text = await textOf(resolve(cwd, path))
  const shown = relative(cwd, resolve(cwd, path))
  try {
    return queriesFromSql(text, shown)
  } catch (error) {
    if (!(error instanceof UnterminatedSql)) throw error
    throw new Problem({
      code: 'workload-unreadable',
      what: `The queries cannot be told apart: ${error.message}.`,
      where: `${shown}:${lineAt(text, error.at)}`,
      remedy: 'Close it.',
      cause: error,
    })
  }
}

async function readWorkload(options: SnapshotOptions, cwd: string): Promise<readonly WorkloadQuery[]> {
  const files = await Promise.all(options.workload.map((path) => fromFile(path, cwd)))
  const log = options.log === null ? [] : queriesFromLog(await textOf(resolve(cwd, options.log)))
  return [...files.flat(), ...log]
}

/** Written beside it and then put in its place, so that there is never half a snapshot. */
async function write(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`
  try {
    await writeFile(beside, text)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw new Problem({
      code: 'snapshot-not-written',
      what: `The snapshot could not be written: ${error instanceof Error ? error.message : String(error)}.`,
      where: path,
      remedy: 'Name a place that can be written to with --out.',
      cause: error,
    })
  }
}

const VALUES: Readonly<Record<Snapshot['values'], string>> = {
  remap: 'values in statistics are made up; none of a row left the database',
  keep: pc.yellow('values in statistics are real: treat the file as you treat the database'),
  none: 'no values in statistics: plans are made from averages',
}

function tell(snapshot: Snapshot, out: string, bytes: number): void {
  const count = (kinds: string) => snapshot.relations.filter(({ kind }) => kinds.includes(kind)).length
  const lines = [
    `${pc.bold(out)}  ${(bytes / 1000).toFixed(0)} kB`,
    `  ${count('rp')} tables, ${count('iI')} indexes, ${snapshot.workload.length} queries, PostgreSQL ${Math.floor(snapshot.server.version / 10_000)}`,
    `  ${VALUES[snapshot.values]}`,
  ]
  if (snapshot.missing.length > 0) lines.push('', pc.bold('not in it:'))
  for (const { what, why, grant } of snapshot.missing) {
    lines.push(`  ${what}: ${why}${grant === null ? '' : `\n    ${pc.cyan(grant)}`}`)
  }
  process.stderr.write(`${lines.join('\n')}\n`)
}

/** @returns the exit code; @throws Problem */
export async function runSnapshot(options: SnapshotOptions, cwd: string): Promise<number> {
  const stop = onSignals()
  try {
    const workload = await readWorkload(options, cwd)
    const snapshot = await takeSnapshot({
      connectionString: options.connectionString,
      values: options.values,
      now: systemClock().now(),
      signal: stop.signal,
      workload,
      ...(options.pgDump === null ? {} : { pgDump: options.pgDump }),
      onProgress: (line) => process.stderr.write(`${pc.dim(line)}\n`),
    })
    const text = printSnapshot(snapshot)
    if (options.out === '-') process.stdout.write(text)
    else await write(resolve(cwd, options.out), text)
    const bytes = Buffer.byteLength(text)
    tell(snapshot, options.out === '-' ? 'snapshot' : options.out, bytes)
    if (options.json) {
      const { missing, values, takenAt, schemaSource } = snapshot
      const counts = { relations: snapshot.relations.length, queries: snapshot.workload.length }
      process.stdout.write(
        `${JSON.stringify({ out: options.out, bytes, takenAt, values, schemaSource, ...counts, missing }, null, 2)}\n`,
      )
    }
    return 0
  } finally {
    stop.release()
  }
}
