/** Settings of the phantom's server: nothing that it holds has to survive a crash, and it must be small. */
import type { Snapshot } from '../../core/check/snapshot.ts'

/** Sessions that hold locks at once: the planner's and our own. */
const MAX_CONNECTIONS = 24
const MIN_LOCKS = 128

/** As in postgresql.conf. */
export const serverSettings = (snapshot: Snapshot): Readonly<Record<string, string>> => ({
  autovacuum: 'off',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '2MB',
  max_wal_size: '64MB',
  shared_buffers: '64MB',
  shared_preload_libraries: '',
  max_connections: String(MAX_CONNECTIONS),
  // A statement may lock all relations (a foreign key of a partitioned table, DROP SCHEMA); the table of locks is shared.
  max_locks_per_transaction: String(Math.max(MIN_LOCKS, Math.ceil((snapshot.relations.length * 3) / MAX_CONNECTIONS))),
  max_worker_processes: '2',
  max_parallel_maintenance_workers: '0',
  io_method: 'sync',
  timezone: 'UTC',
})
