/** The moments of an act, as the ledger has them. */
import { Problem } from '../../base/problem.ts'
import { type EpochMs, epochMs } from '../../base/time.ts'
import type { ReleaseId } from '../../base/units.ts'
import type { FactType, LedgerEvent } from '../events.ts'
import type { Span } from './recovery.ts'
import type { DrillCause } from './result.ts'
import type { Act } from './scenario.ts'

type EventOf<T extends FactType> = Extract<LedgerEvent, { type: T }>

/** Null for what never happened. */
export interface Moments {
  /** When the bad release was requested; null when it never was. */
  readonly deployedAt: EpochMs | null
  /** The first alert after that. */
  readonly alertAt: EpochMs | null
  readonly causeAt: EpochMs | null
  readonly cause: DrillCause | null
  /** The decision to take the bad release back, whoever made it. */
  readonly decidedAt: EpochMs | null
  /** From the request of each other release after the bad one until it was promoted, rolled back or had failed. */
  readonly otherRollouts: readonly Span[]
}

/** The first event of a kind; null when there is none. */
const firstOf = <T extends FactType>(
  events: readonly LedgerEvent[],
  type: T,
  which: (event: EventOf<T>) => boolean = () => true,
): EventOf<T> | null => events.find((event): event is EventOf<T> => isOf(event, type) && which(event)) ?? null

/** @throws Problem `act-incomplete` when the ledger of the act has no such event. */
export function needed<T extends FactType>(events: readonly LedgerEvent[], type: T): EventOf<T> {
  const found = events.findLast((event): event is EventOf<T> => isOf(event, type))
  if (found) return found
  throw new Problem({
    code: 'act-incomplete',
    what: `The act cannot be measured: its ledger has no "${type}".`,
    where: type,
    remedy: 'Run the drill again and let both acts end.',
    retriable: true,
  })
}

/** @param of.events of one act, in the order of the ledger. */
export function momentsOf(of: {
  readonly events: readonly LedgerEvent[]
  readonly act: Act
  readonly badRelease: ReleaseId
}): Moments {
  const { events, badRelease } = of
  const deployed = firstOf(events, 'release.requested', ({ data }) => data.release === badRelease)
  if (!deployed) {
    return { deployedAt: null, alertAt: null, causeAt: null, cause: null, decidedAt: null, otherRollouts: [] }
  }
  const after = events.filter((event) => event.at >= deployed.at)
  const found = of.act === 'guarded' ? named(after) : foundByPeople(after)
  const decided = after.find(
    (event) =>
      (event.type === 'release.rollback-decided' || event.type === 'release.abort-requested') &&
      event.data.release === badRelease,
  )
  return {
    deployedAt: deployed.at,
    alertAt: firstOf(after, 'alert.fired')?.at ?? null,
    causeAt: found?.at ?? null,
    cause: found?.type === 'cause.named' ? drillCause(found) : null,
    decidedAt: decided?.at ?? null,
    otherRollouts: rolloutsAfter(after, badRelease),
  }
}

const isOf = <T extends FactType>(event: LedgerEvent, type: T): event is EventOf<T> => event.type === type

/** The first cause that somebody stood behind: `unknown` names none. */
const named = (events: readonly LedgerEvent[]) => firstOf(events, 'cause.named', ({ data }) => data.kind !== 'unknown')

/** Without premortem's help it is people who find it, with or without the diagnosis' vocabulary. */
const foundByPeople = (events: readonly LedgerEvent[]) =>
  events.find(
    (event): event is EventOf<'cause.named'> | EventOf<'finding.made'> =>
      event.source.kind === 'person' &&
      ((event.type === 'finding.made' && event.data.rootCause) ||
        (event.type === 'cause.named' && event.data.kind !== 'unknown')),
  )

const drillCause = ({ data }: EventOf<'cause.named'>): DrillCause => ({
  release: data.release,
  index: data.index?.name ?? null,
  migrationFile: data.migrationFile,
  migrationLine: data.migrationLine,
  statement: data.statement,
})

function rolloutsAfter(events: readonly LedgerEvent[], badRelease: ReleaseId): readonly Span[] {
  const others = events.filter(
    (event): event is EventOf<'release.requested'> =>
      event.type === 'release.requested' && event.data.release !== badRelease,
  )
  return others.map((request) => {
    const end = events.find((event) => event.at >= request.at && ends(event, request.data.release))
    return { from: request.at, to: end?.at ?? epochMs(Number.POSITIVE_INFINITY) }
  })
}

const ends = (event: LedgerEvent, release: ReleaseId): boolean =>
  (event.type === 'release.promoted' || event.type === 'release.rolled-back' || event.type === 'release.failed') &&
  event.data.release === release
