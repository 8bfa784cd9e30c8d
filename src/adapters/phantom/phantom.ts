/** Production's plans on an empty server: see base/build.ts for what a phantom is made of, state/build.ts for its states. */
import { cpus } from 'node:os'
import type { SchemaState } from '../../core/check/plans.ts'
import type { Phantom, PhantomRequest, Phantoms, Progress } from '../../core/check/ports.ts'
import type { WorkloadQuery } from '../../core/check/snapshot.ts'
import { BASE_DATABASE, buildBase } from './base/build.ts'
import { inChunks, withConnection } from './connection.ts'
import type { ApplyChange, PhantomServer, PlanQueries, RunQueries, StartServer } from './contracts.ts'
import { applyChange } from './migrate.ts'
import { planQueries } from './planner.ts'
import { runQueries } from './run-queries.ts'
import { serverSettings } from './server-settings.ts'
import { bytesOf, copyFor, type DraftState, type StateSource } from './state/build.ts'
import { findEnds } from './state/ends.ts'
import { prepareEviction } from './state/evict.ts'
import { MAX_STATES, States } from './state/states.ts'

/** Where a phantom's server and its data lie. */
export interface PhantomHome {
  readonly start: StartServer
  /** Removes the data; the server has been stopped. */
  remove(): Promise<void>
}

/** What phantoms need. */
export interface PhantomsOptions {
  /** A home of its own for each phantom, so that two checks at once do not meet. */
  readonly openHome: (signal: AbortSignal) => Promise<PhantomHome>
  readonly onProgress?: Progress
  /** Connections that plan at once. Default: one for each processor, at most 8. */
  readonly connections?: number
  readonly applyChange?: ApplyChange
  readonly planQueries?: PlanQueries
  readonly runQueries?: RunQueries
}

const MAX_CONNECTIONS = 8

/** Makes phantoms on servers of their own. */
export function createPhantoms(options: PhantomsOptions): Phantoms {
  return { open: (request, signal) => openPhantom(options, request, signal) }
}

async function openPhantom(options: PhantomsOptions, request: PhantomRequest, signal: AbortSignal): Promise<Phantom> {
  const { onProgress = () => undefined } = options
  const home = await options.openHome(signal)
  const running: PhantomServer[] = []
  const close = async () => {
    for (const server of running.splice(0)) await server.stop()
    await home.remove()
  }
  try {
    onProgress('starting an empty PostgreSQL 18')
    const server = await home.start(serverSettings(request.snapshot), signal)
    running.push(server)
    const connectionString = (database?: string) => server.connectionString(database)
    await prepareEviction(connectionString, signal)
    onProgress(`restoring the schema and the statistics of ${request.snapshot.relations.length} relations`)
    const base = await buildBase({ connectionString, snapshot: request.snapshot, signal })
    const ends = await withConnection(
      { connectionString: server.connectionString(BASE_DATABASE), signal },
      ({ client }) => findEnds(client, base),
    )
    const apply = options.applyChange ?? applyChange
    const source = { server, ...request, base, ends, apply, whole: null, signal }
    onProgress('applying the change')
    const change = await tryChange(source)
    const whole = change.applied.length > 0 && change.failure === null ? WHOLE_DATABASE : null
    const statements = change.applied.length
    return phantomOf({ options, source: { ...source, whole: whole && { database: whole, statements } }, change, close })
  } catch (error) {
    await close()
    throw error
  }
}

/** Has the whole change, when it did not fail; states are copied from it. */
const WHOLE_DATABASE = 'premortem_change'

/** The change as a whole, once, to see what each statement does. */
async function tryChange(source: StateSource): ReturnType<ApplyChange> {
  const { server, files, snapshot, signal } = source
  if (files.length === 0) return { applied: [], failure: null }
  const database = WHOLE_DATABASE
  await copyFor(source, { state: { statements: 0 }, database })
  return withConnection({ connectionString: server.connectionString(database), signal }, ({ client }) =>
    source.apply({ client, files, snapshot, record: true, signal }),
  )
}

interface Opened {
  readonly options: PhantomsOptions
  readonly source: StateSource
  readonly change: Awaited<ReturnType<ApplyChange>>
  readonly close: () => Promise<void>
}

/** Other looks at a state: its schema, with a handful of rows on short files. */
interface InState {
  inState<T>(state: SchemaState, work: (connectionString: string) => Promise<T>, signal: AbortSignal): Promise<T>
}

function phantomOf({ options, source, change, close }: Opened): Phantom {
  const { server, snapshot, base } = source
  const states = new States(source)
  const plans = options.planQueries ?? planQueries
  const runs = options.runQueries ?? runQueries
  const connections = options.connections ?? Math.min(MAX_CONNECTIONS, cpus().length)
  const planIn = (queries: readonly WorkloadQuery[], { database }: DraftState, signal: AbortSignal) =>
    plans({ connectionString: server.connectionString(database), queries, snapshot, connections, signal })
  const planAll: Phantom['planAll'] = (queries, wanted, signal) =>
    inTurn(wanted, (some) =>
      states.with(some, async (drafts) => {
        const planned = []
        for (const draft of drafts) planned.push(await planIn(queries, draft, signal))
        return planned
      }),
    )
  const phantom: Phantom & InState = {
    skipped: base.skipped,
    applied: change.applied,
    failure: change.failure,
    planAll,
    plan: async (queries, state, signal) => (await planAll(queries, [state], signal))[0] ?? [],
    run: (queries, state, signal) =>
      states.withRows(state, (database) =>
        runs({ connectionString: server.connectionString(database), queries, snapshot, signal }),
      ),
    sizeOf: (relation, state) =>
      states.with([state], async ([draft]) => {
        const found = [...(draft?.sizes.values() ?? [])].find(({ relation: { schema, name } }) =>
          [name, `${schema}.${name}`].includes(relation),
        )
        return found === undefined ? null : { bytes: bytesOf(found), modelled: found.modelled, rows: found.reltuples }
      }),
    inState: (state, work) => states.withRows(state, (database) => work(server.connectionString(database))),
    close,
  }
  return phantom
}

/** As many states at once as there may be. */
async function inTurn<T>(
  states: readonly SchemaState[],
  work: (some: readonly SchemaState[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const found: T[] = []
  for (const some of inChunks(states, MAX_STATES)) found.push(...(await work(some)))
  return found
}
