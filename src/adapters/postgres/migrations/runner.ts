import { type Clock, type DurationMs, seconds } from '../../../base/time.ts'
import type { ReleaseId } from '../../../base/units.ts'
import type { Migrations } from '../../../core/release/ports.ts'
import { applyFile } from './apply-file.ts'
import { readMigrationFiles } from './files.ts'
import { recall, takeUntold } from './memory.ts'
import { migrationChanged } from './problems.ts'
import { withSession } from './session.ts'

/** Which database, which files, and how long they may wait for locks. */
export interface MigrationsOptions {
  /** The database that the releases belong to, as a role that may change its schema. */
  readonly connectionString: string
  /** The folder with a release's own `*.sql` files; a release that changes only code need not have one. */
  readonly folderOf: (release: ReleaseId) => string
  readonly clock: Clock
  /** How long a statement may wait for a lock, and with it hold up everybody behind it. Default 5 s. */
  readonly lockTimeout?: DurationMs
  /** Attempts in all when a lock is not to be had. Default 5. */
  readonly lockAttempts?: number
}

const DEFAULT_LOCK_TIMEOUT = seconds(5)
const DEFAULT_LOCK_ATTEMPTS = 5

/**
 * Applies a release's SQL files in the order of their names, each once (table `premortem_migrations` remembers them), and
 * tells what each statement did to the indexes. Files that were applied before are passed over; what they did is told once,
 * by the first `apply` that succeeds, also when an earlier one applied them and then failed.
 *
 * A file is one transaction. A file with a CONCURRENTLY statement cannot be one: its statements run one by one, and after
 * a failure the next `apply` goes on where this one stopped.
 * `apply` throws Problem `migration-unreadable`, `migration-controls-transaction`, `migrations-too-large`,
 * `migration-changed`, `migration-failed`, `migration-lock-timeout`, `index-invalid`, `migration-busy`,
 * `database-unreachable`, or the reason of its signal.
 */
export function createMigrations(options: MigrationsOptions): Migrations {
  const { connectionString, clock, folderOf } = options
  const locks = {
    lockTimeout: options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT,
    lockAttempts: options.lockAttempts ?? DEFAULT_LOCK_ATTEMPTS,
  }
  return {
    async apply(release, signal) {
      const files = await readMigrationFiles(folderOf(release), release)
      if (files.length === 0) return []
      return withSession({ connectionString, clock, release, signal }, async (client) => {
        const known = await recall(client, files)
        for (const file of files) {
          const memory = known.get(file.key)
          if (memory?.finished && memory.checksum !== file.checksum) throw migrationChanged(file)
        }
        for (const file of files) {
          const memory = known.get(file.key)
          if (memory?.finished) continue
          await applyFile({ client, file, release, clock, signal, before: memory?.statements ?? [], ...locks })
        }
        return takeUntold(client, files)
      })
    },
  }
}
