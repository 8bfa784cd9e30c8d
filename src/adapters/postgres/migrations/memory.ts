/** The table `premortem_migrations` of the migrated database: what was applied, when, and what it did. */
import type pg from 'pg'
import type { EpochMs } from '../../../base/time.ts'
import type { AppliedStatement } from '../../../core/events.ts'
import type { MigrationFile } from './migration-file.ts'

/** What the database remembers of one file. */
export interface Memory {
  readonly checksum: string
  /** False when a file that cannot be one transaction has run in part. */
  readonly finished: boolean
  readonly statements: readonly AppliedStatement[]
}

/** What is known of these files, by key. */
export async function recall(client: pg.Client, files: readonly MigrationFile[]): Promise<ReadonlyMap<string, Memory>> {
  const { rows } = await client.query<Memory & { file: string }>(
    'select file, checksum, applied_at is not null as finished, statements from public.premortem_migrations where file = any($1)',
    [files.map(({ key }) => key)],
  )
  return new Map(rows.map(({ file, ...memory }) => [file, memory]))
}

/** Notes what ran of a file; `appliedAt` null: not all of it yet. */
export async function remember(
  client: pg.Client,
  of: { file: MigrationFile; appliedAt: EpochMs | null; statements: readonly AppliedStatement[] },
): Promise<void> {
  await client.query(
    `insert into public.premortem_migrations (file, checksum, applied_at, statements)
     values ($1, $2, to_timestamp($3 / 1000.0), $4)
     on conflict (file) do update
     set checksum = excluded.checksum, applied_at = excluded.applied_at, statements = excluded.statements, told = false`,
    [of.file.key, of.file.checksum, of.appliedAt, JSON.stringify(of.statements)],
  )
}

/** What finished files did and nobody was told yet; from now on it counts as told. */
export async function takeUntold(
  client: pg.Client,
  files: readonly MigrationFile[],
): Promise<readonly AppliedStatement[]> {
  const { rows } = await client.query<{ file: string; statements: readonly AppliedStatement[] }>(
    `update public.premortem_migrations set told = true
     where file = any($1) and applied_at is not null and not told
     returning file, statements`,
    [files.map(({ key }) => key)],
  )
  const found = new Map(rows.map(({ file, statements }) => [file, statements]))
  return files.flatMap(({ key }) => found.get(key) ?? [])
}
