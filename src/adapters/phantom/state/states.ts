/** The states that are there at the moment: made when first asked for, and dropped when others need the room. */
import type { SchemaState } from '../../../core/check/plans.ts'
import { quoted, withConnection } from '../connection.ts'
import { applyState, copyFor, type DraftState, draftState, lengthenState, type StateSource } from './build.ts'
import { evictPages } from './evict.ts'
import { keyOfState } from './key.ts'
import { fillForRuns } from './rows.ts'

/** States that are kept at once; each takes some 10 MB of disk, and a file for each relation. */
export const MAX_STATES = 8
/** Of those with a handful of rows. */
const MAX_RUN_DATABASES = 3

/** Databases by state. Work is done one after another: copies of the base cannot be made while it is in use. */
export class States {
  private readonly source: StateSource
  private readonly ready = new Map<string, DraftState>()
  private readonly runnable = new Map<string, string>()
  private made = 0
  private tail: Promise<unknown> = Promise.resolve()

  constructor(source: StateSource) {
    this.source = source
  }

  /**
   * Runs `work` on these states, made together when they are not there yet; none of them goes away meanwhile.
   * At most `MAX_STATES` at once.
   */
  with<T>(states: readonly SchemaState[], work: (drafts: readonly DraftState[]) => Promise<T>): Promise<T> {
    return this.oneByOne(async () => work(await this.take(states)))
  }

  /** As `with`, for one state on short files with a handful of rows. */
  withRows<T>(state: SchemaState, work: (database: string) => Promise<T>): Promise<T> {
    return this.oneByOne(async () => {
      const key = keyOfState({ ...state, analysed: false, jitter: null })
      const there = this.runnable.get(key)
      if (there !== undefined) return work(there)
      await this.makeRoom(this.runnable, { most: MAX_RUN_DATABASES - 1 }, (database) => database)
      const database = this.nextName('run')
      await this.makeRunnable(database, state)
      this.runnable.set(key, database)
      return work(database)
    })
  }

  private oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const next = this.tail.then(work, work)
    this.tail = next
    return next
  }

  private nextName(kind: string): string {
    this.made += 1
    return `premortem_${kind}_${this.made}`
  }

  private async take(states: readonly SchemaState[]): Promise<readonly DraftState[]> {
    const keys = states.map(keyOfState)
    const missing = new Map(
      states.map((state, at) => [keys[at] ?? '', state]).filter(([key]) => !this.ready.has(key as string)) as [
        string,
        SchemaState,
      ][],
    )
    if (missing.size > 0) {
      await this.makeRoom(
        this.ready,
        { most: MAX_STATES - missing.size, keep: new Set(keys) },
        ({ database }) => database,
      )
      await this.make(missing)
    }
    return keys.map((key) => {
      const draft = this.ready.get(key)
      if (draft === undefined) throw new Error(`a state was not made: ${key}`)
      // The one used last is dropped last.
      this.ready.delete(key)
      this.ready.set(key, draft)
      return draft
    })
  }

  private async make(missing: ReadonlyMap<string, SchemaState>): Promise<void> {
    const { server, signal } = this.source
    const drafts: [string, DraftState][] = []
    for (const [key, state] of missing) {
      const database = this.nextName('state')
      try {
        drafts.push([key, await draftState(this.source, { state, database })])
      } catch (error) {
        await this.drop([...drafts.map(([, draft]) => draft.database), database])
        throw error
      }
    }
    const connectionString = (database?: string) => server.connectionString(database)
    await evictPages(
      { connectionString, signal },
      drafts.map(([, { database }]) => database),
    )
    for (const [key, draft] of drafts) {
      lengthenState(server, draft)
      this.ready.set(key, draft)
    }
  }

  /** None of them is kept: one that was made only in part must not be found later. */
  private async drop(databases: readonly string[]): Promise<void> {
    const { server, signal } = this.source
    await withConnection({ connectionString: server.connectionString(), signal }, async ({ client }) => {
      for (const database of databases) await client.query(`drop database if exists ${quoted(database)} with (force)`)
    })
  }

  private async makeRunnable(database: string, state: SchemaState): Promise<void> {
    const { server, signal } = this.source
    await copyFor(this.source, { state, database })
    await withConnection({ connectionString: server.connectionString(database), signal }, async (connection) => {
      await applyState(this.source, connection, state)
      await fillForRuns(this.source, connection)
    })
  }

  /** Drops the oldest databases until at most `most` are left, those to keep aside. */
  private async makeRoom<T>(
    databases: Map<string, T>,
    room: { readonly most: number; readonly keep?: ReadonlySet<string> },
    nameOf: (value: T) => string,
  ): Promise<void> {
    const { most, keep = new Set<string>() } = room
    const { server, signal } = this.source
    const old = [...databases]
      .filter(([key]) => !keep.has(key))
      .slice(0, Math.max(0, databases.size - Math.max(0, most)))
    if (old.length === 0) return
    await withConnection({ connectionString: server.connectionString(), signal }, async ({ client }) => {
      for (const [key, value] of old) {
        databases.delete(key)
        await client.query(`drop database ${quoted(nameOf(value))} with (force)`)
      }
    })
  }
}
