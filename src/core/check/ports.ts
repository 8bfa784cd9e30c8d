import type { AppliedStatement, ApplyFailure, PlannedQuery, RunCheck, SchemaState, SkippedObject } from './plans.ts'
import type { Snapshot, WorkloadQuery } from './snapshot.ts'
import type { ParsedFile } from './sql.ts'

/** What is to be tried on a phantom. */
export interface PhantomRequest {
  readonly snapshot: Snapshot
  /** The pending change, in order; DO blocks' inner statements are not run by themselves. */
  readonly files: readonly ParsedFile[]
}

/** Production's schema and statistics on an empty server, in every state that the change goes through. */
export interface Phantom {
  /** Objects of the snapshot that this server cannot have, such as those of a missing extension. */
  readonly skipped: readonly SkippedObject[]
  /** What each statement did; shorter than the change when one failed. */
  readonly applied: readonly AppliedStatement[]
  readonly failure: ApplyFailure | null
  /**
   * States are made when first asked for, a few at a time. Keeps the order of the queries.
   * @throws ExtraRefused when PostgreSQL refuses a statement of a state's `extra`; the phantom stays usable
   */
  plan(queries: readonly WorkloadQuery[], state: SchemaState, signal: AbortSignal): Promise<readonly PlannedQuery[]>
  /** As `plan`, in several states: they are made together, which is faster than one after the other. */
  planAll(
    queries: readonly WorkloadQuery[],
    states: readonly SchemaState[],
    signal: AbortSignal,
  ): Promise<readonly (readonly PlannedQuery[])[]>
  /** Runs each query on a database with a handful of rows and undoes it; tells what fails. */
  run(queries: readonly WorkloadQuery[], state: SchemaState, signal: AbortSignal): Promise<readonly RunCheck[]>
  /**
   * Main file's pages of an index in a state, modelled for those that the change makes. `rows`: entries, fewer than the table's in a partial one; negative
   * or missing when not known. Null when it is not there.
   */
  sizeOf(
    relation: string,
    state: SchemaState,
    signal: AbortSignal,
  ): Promise<{ bytes: number; modelled: boolean; rows?: number } | null>
  /** Lets `read` look at a state's schema through a connection of its own; the database holds a handful of rows. */
  inState<T>(state: SchemaState, read: (connectionString: string) => Promise<T>, signal: AbortSignal): Promise<T>
  close(): Promise<void>
}

/** Makes phantoms. The adapter is `adapters/phantom`. */
export interface Phantoms {
  /** @throws Problem when the server cannot start or the snapshot cannot be built at all */
  open(request: PhantomRequest, signal: AbortSignal): Promise<Phantom>
}

/** Progress for people. */
export type Progress = (line: string) => void
