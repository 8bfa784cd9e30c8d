/**
 * What the timeline tells. The watched catalog confirms what migrations and index builds say of themselves: such a change
 * is told once, by who made it, with the observation as its confirmation. What nobody else told stays a line of its own.
 */
import type { IndexFact, LedgerEvent } from '../events.ts'
import { worthTelling } from './describe.ts'
import type { EventOf } from './facts.ts'

type Changed = EventOf<'database.changed'>
type Maker = EventOf<'migration.applied'> | EventOf<'index.build-finished'>

/** The catalog is looked at every few seconds, and a deed may be recorded a little after it is seen: milliseconds. */
const CONFIRMED_WITHIN_MS = 30_000

/** One event of the timeline. */
export interface Telling {
  readonly event: LedgerEvent
  /** The event, without what others tell of it. */
  readonly shown: LedgerEvent
  /** Observations that show what the event says, in order of time. */
  readonly confirmedBy: readonly Changed[]
}

const isMaker = (event: LedgerEvent): event is Maker =>
  event.type === 'migration.applied' || event.type === 'index.build-finished'

const isSame = (one: Pick<IndexFact, 'name' | 'table'>, other: Pick<IndexFact, 'name' | 'table'>): boolean =>
  one.name === other.name && one.table === other.table

const hasDropped = (maker: Maker, index: IndexFact): boolean =>
  maker.type === 'migration.applied' && maker.data.dropped.some((one) => isSame(one, index))

const hasCreated = (maker: Maker, index: IndexFact): boolean =>
  maker.type === 'migration.applied'
    ? maker.data.created.some((one) => isSame(one, index))
    : isSame({ name: maker.data.index, table: maker.data.table }, index)

const isNear = (maker: Maker, change: Changed): boolean => Math.abs(change.at - maker.at) <= CONFIRMED_WITHIN_MS

/** Who of `makers` tells something of this change. */
const makersOf = (change: Changed, makers: readonly Maker[]): readonly Maker[] =>
  makers.filter(
    (maker) =>
      isNear(maker, change) &&
      (change.data.dropped.some((index) => hasDropped(maker, index)) ||
        change.data.created.some((index) => hasCreated(maker, index))),
  )

/** What of a change of the catalog no migration and no index build among `events` tells; null when they tell all of it. */
export function untold(change: Changed, events: readonly LedgerEvent[]): Changed | null {
  const makers = events.filter(isMaker).filter((maker) => isNear(maker, change))
  const failed = makers.flatMap((maker) =>
    maker.type === 'index.build-finished' && !maker.data.valid ? [maker.data.index] : [],
  )
  const data = {
    ...change.data,
    dropped: change.data.dropped.filter((index) => !makers.some((maker) => hasDropped(maker, index))),
    created: change.data.created.filter((index) => !makers.some((maker) => hasCreated(maker, index))),
    invalid: change.data.invalid.filter((name) => !failed.includes(name)),
  }
  return Object.values(data).some((list) => list.length > 0) ? { ...change, data } : null
}

/** What is worth telling of `events`, in their order. */
export function tellings(events: readonly LedgerEvent[]): readonly Telling[] {
  const changes = events.filter((event): event is Changed => event.type === 'database.changed')
  const makers = events.filter(isMaker)
  const confirmed = new Map<string, Changed[]>()
  for (const change of changes) {
    for (const { id } of makersOf(change, makers)) confirmed.set(id, [...(confirmed.get(id) ?? []), change])
  }
  return events.filter(worthTelling).flatMap((event): readonly Telling[] => {
    const shown = event.type === 'database.changed' ? untold(event, makers) : event
    return shown === null ? [] : [{ event, shown, confirmedBy: confirmed.get(event.id) ?? [] }]
  })
}
