/**
 * The Store port on PostgreSQL. The head of the stream is read first and moved with `where head = expected`: the second
 * of two writers waits for the first, finds another head and is told so. With that, a sequence is given once and
 * without gaps, although the primary key of the partitioned `events` alone would not see to it.
 */
import { CompiledQuery, Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import type { Pool } from 'pg'
import { type EventId, eventId } from '../../../base/ids.ts'
import { epochMs } from '../../../base/time.ts'
import type { Command } from '../../../core/commands.ts'
import type { LedgerEvent, NewEvent, Stream } from '../../../core/events.ts'
import { type Store, type StoreTransaction, StreamConflict } from '../../../core/store.ts'
import { toJsonb } from './json.ts'
import { type EnsureMonths, partitionKeeper } from './partitions.ts'
import { toProblem } from './problems.ts'
import type { LedgerTables } from './schema.ts'

const DEFAULT_READ_LIMIT = 10_000
/** A statement takes 65,535 parameters at most, and an event has eight. */
const MAX_EVENTS_PER_INSERT = 1_000

/** A statement with `$1`, `$2`, … */
export interface SqlStatement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Gives the statements that put commands into the job queue; they run inside the transaction of their decision. */
export type Enqueue = (stream: Stream, commands: readonly Command[]) => readonly SqlStatement[]

/** What `createStore` needs. */
export interface PostgresStoreOptions {
  /** Stays the caller's, who ends it. */
  readonly pool: Pool
  readonly enqueue: Enqueue
}

/**
 * The ledger in schema `premortem`, which `migrateLedger` has created.
 * Its methods throw Problem `ledger-unavailable` when the database cannot be reached.
 */
export function createStore({ pool, enqueue }: PostgresStoreOptions): Store {
  const db = new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) })
  const ensureMonths = partitionKeeper(pool)
  return {
    transact: async (stream, work) => {
      try {
        return await db
          .transaction()
          .execute(async (tx) => work(await openTransaction({ tx, stream, enqueue, ensureMonths })))
      } catch (error) {
        throw toProblem(error)
      }
    },
    read: async (stream, { after = 0, limit = DEFAULT_READ_LIMIT } = {}) => {
      try {
        return await readEvents(db, stream, { after, limit })
      } catch (error) {
        throw toProblem(error)
      }
    },
  }
}

async function readEvents(db: Kysely<LedgerTables>, stream: Stream, span: { after: number; limit: number }) {
  const rows = await db
    .selectFrom('premortem.events')
    .select(['sequence', 'id', 'at', 'source', 'type', 'data'])
    .where('environment', '=', stream.environment)
    .where('service', '=', stream.service)
    .where('sequence', '>', sql<string>`${span.after}`)
    .orderBy('sequence')
    .limit(span.limit)
    .execute()
  return rows.map(
    (row) =>
      // The ledger holds only what `append` took, and that was a LedgerEvent.
      ({
        environment: stream.environment,
        service: stream.service,
        sequence: Number(row.sequence),
        id: row.id as EventId,
        at: epochMs(row.at.getTime()),
        source: row.source,
        type: row.type,
        data: row.data,
      }) as LedgerEvent,
  )
}

interface Open {
  readonly tx: Transaction<LedgerTables>
  readonly stream: Stream
  readonly enqueue: Enqueue
  readonly ensureMonths: EnsureMonths
}

async function openTransaction({ tx, stream, enqueue, ensureMonths }: Open): Promise<StoreTransaction> {
  const { environment, service } = stream
  // Read before anything else: what is loaded afterwards is at least this new, so a stale decision cannot commit.
  const row = await tx
    .selectFrom('premortem.streams')
    .select('head')
    .where('environment', '=', environment)
    .where('service', '=', service)
    .executeTakeFirst()
  let head = Number(row?.head ?? 0)

  return {
    head: async () => head,
    append: async (events) => {
      if (events.length === 0) return []
      await moveHead({ tx, stream, from: head, to: head + events.length })
      const numbered = events.map((event, index) => numberEvent(event, stream, head + index + 1))
      await ensureMonths(
        tx,
        numbered.map((event) => event.at),
      )
      await insertEvents(tx, numbered)
      head += events.length
      return numbered
    },
    loadState: async (decider) => {
      const saved = await tx
        .selectFrom('premortem.decider_states')
        .select('state')
        .where('environment', '=', environment)
        .where('service', '=', service)
        .where('decider', '=', decider)
        .executeTakeFirst()
      return saved?.state ?? null
    },
    saveState: async (decider, state) => {
      const saved = { sequence: head, state: toJsonb(state) }
      await tx
        .insertInto('premortem.decider_states')
        .values({ environment, service, decider, ...saved })
        .onConflict((conflict) => conflict.columns(['environment', 'service', 'decider']).doUpdateSet(saved))
        .execute()
    },
    enqueue: async (commands) => {
      const fresh = await rememberKeys({ tx, stream, commands })
      if (fresh.length === 0) return
      for (const statement of enqueue(stream, fresh))
        await tx.executeQuery(CompiledQuery.raw(statement.text, [...statement.values]))
    },
  }
}

interface HeadMove {
  readonly tx: Transaction<LedgerTables>
  readonly stream: Stream
  readonly from: number
  readonly to: number
}

async function moveHead({ tx, stream, from, to }: HeadMove): Promise<void> {
  const { environment, service } = stream
  const moved =
    from === 0
      ? await tx
          .insertInto('premortem.streams')
          .values({ environment, service, head: to })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
      : await tx
          .updateTable('premortem.streams')
          .set({ head: to })
          .where('environment', '=', environment)
          .where('service', '=', service)
          .where('head', '=', sql<string>`${from}`)
          .executeTakeFirst()
  const rows = 'numUpdatedRows' in moved ? moved.numUpdatedRows : moved.numInsertedOrUpdatedRows
  if (rows !== 1n) throw new StreamConflict(stream)
}

/** As it will be read back: JSON's view of the data, whole milliseconds. */
function numberEvent(event: NewEvent, stream: Stream, sequence: number): LedgerEvent {
  const { environment, service } = stream
  const kept = JSON.parse(toJsonb({ type: event.type, data: event.data, source: event.source }))
  return { ...kept, at: epochMs(Math.trunc(event.at)), environment, service, sequence, id: eventId(service, sequence) }
}

async function insertEvents(tx: Transaction<LedgerTables>, events: readonly LedgerEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += MAX_EVENTS_PER_INSERT) {
    const rows = events.slice(start, start + MAX_EVENTS_PER_INSERT).map(({ at, source, data, ...event }) => ({
      ...event,
      at: new Date(at),
      source: toJsonb(source),
      data: toJsonb(data),
    }))
    await tx.insertInto('premortem.events').values(rows).execute()
  }
}

interface Remembering {
  readonly tx: Transaction<LedgerTables>
  readonly stream: Stream
  readonly commands: readonly Command[]
}

/** The commands whose keys were not there yet, in their order; of two with one key, the first. */
async function rememberKeys({ tx, stream, commands }: Remembering): Promise<readonly Command[]> {
  const { environment, service } = stream
  const byKey = new Map([...commands].reverse().map((command) => [command.key as string, command]))
  if (byKey.size === 0) return []
  const inserted = await tx
    .insertInto('premortem.outbox_keys')
    .values([...byKey.keys()].map((key) => ({ environment, service, key })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .execute()
  const fresh = new Set(inserted.map((row) => byKey.get(row.key)))
  return commands.filter((command) => fresh.has(command))
}
