/** What the parts of this adapter promise one another. */
import type pg from 'pg'
import type { AppliedStatement, ApplyFailure, PlannedQuery, RunCheck } from '../../core/check/plans.ts'
import type { Snapshot, WorkloadQuery } from '../../core/check/snapshot.ts'
import type { ParsedFile } from '../../core/check/sql.ts'

/** A running PostgreSQL 18 that is the phantom's alone. The cli hands the embedded server's start in. */
export interface PhantomServer {
  readonly dataDirectory: string
  connectionString(database?: string): string
  stop(): Promise<void>
}

/** Starts the server anew on the same data; settings as in postgresql.conf. */
export type StartServer = (settings: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<PhantomServer>

/**
 * migrate.ts. Applies the change on a database whose files are still empty and tells what each statement did. Stops at the
 * first failure. `upTo`: only that many statements (counted over all files, those of DO blocks left out); default: all.
 */
export type ApplyChange = (request: {
  readonly client: pg.Client
  readonly files: readonly ParsedFile[]
  readonly snapshot: Snapshot
  readonly upTo?: number
  /** False: only apply, do not look at locks and files (for further copies of a state). */
  readonly record: boolean
  readonly signal: AbortSignal
}) => Promise<{ readonly applied: readonly AppliedStatement[]; readonly failure: ApplyFailure | null }>

/** planner.ts. Plans queries in a database whose files have production's length. Keeps the order; never throws for a query. */
export type PlanQueries = (request: {
  /** Of the database; the planner opens the connections that it needs (at most `connections`) and closes them. */
  readonly connectionString: string
  readonly queries: readonly WorkloadQuery[]
  readonly snapshot: Snapshot
  readonly connections: number
  readonly signal: AbortSignal
}) => Promise<readonly PlannedQuery[]>

/** run-queries.ts. Runs queries in a database with a handful of rows, each in a transaction that is rolled back. */
export type RunQueries = (request: {
  readonly connectionString: string
  readonly queries: readonly WorkloadQuery[]
  readonly snapshot: Snapshot
  readonly signal: AbortSignal
}) => Promise<readonly RunCheck[]>
