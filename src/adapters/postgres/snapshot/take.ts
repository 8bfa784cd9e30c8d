import type { EpochMs } from '../../../base/time.ts'
import { toIso } from '../../../base/time.ts'
import { SNAPSHOT_FORMAT, type Snapshot, type ValuesMode, type WorkloadQuery } from '../../../core/check/snapshot.ts'
import { type FoundRelation, findRelations } from './relations.ts'
import { readSchema } from './schema/catalog.ts'
import { readSequences } from './sequences.ts'
import { type Session, withReadOnlySession } from './session.ts'
import { readSettings } from './settings.ts'
import { findStatistics } from './statistics.ts'

/** Of what, and what may leave. */
export interface TakeOptions {
  /** Never printed: it may hold a password. */
  readonly connectionString: string
  readonly values: ValuesMode
  readonly now: EpochMs
  readonly signal: AbortSignal
  /** One line of what is being done, for a person to read. */
  readonly onProgress?: (line: string) => void
  /** Queries from elsewhere, in place of pg_stat_statements. */
  readonly workload?: readonly WorkloadQuery[]
}

async function readExtendedStatistics(session: Session): Promise<Snapshot['extendedStatistics']> {
  return session.ask(`
    select n.nspname || '.' || s.stxname as name, tn.nspname || '.' || t.relname as "table", pg_get_statisticsobjdef(s.oid) as definition
    from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace join pg_class t on t.oid = s.stxrelid
    join pg_namespace tn on tn.oid = t.relnamespace order by 1`)
}

async function collect(session: Session, options: TakeOptions): Promise<Snapshot> {
  const say = options.onProgress ?? (() => undefined)
  const settings = await readSettings(session)
  say('schema')
  const schema = await readSchema(session)
  say('sizes and statistics')
  const relations = await findRelations(session)
  const statistics = await findStatistics(session, relations)
  return {
    format: SNAPSHOT_FORMAT,
    takenAt: toIso(options.now),
    values: options.values,
    ...settings,
    schemaSource: 'catalog',
    schema,
    relations: relations.map((relation: FoundRelation) => {
      const { oid: _oid, tableOid: _tableOid, ...rest } = relation
      return { ...rest, height: null, columns: statistics.get(`${relation.schema}.${relation.name}`) ?? [] }
    }),
    sequences: await readSequences(session),
    extendedStatistics: await readExtendedStatistics(session),
    workload: options.workload ?? [],
    workloadMinutes: null,
    appliedMigrations: [],
    missing: session.missing,
  }
}

/**
 * Reads what a snapshot holds. Only reads, never waits long for a lock, and goes on without what it may not see.
 *
 * @throws Problem `snapshot-cannot-connect`, `snapshot-server-too-old`; the reason of `signal`
 */
export function takeSnapshot(options: TakeOptions): Promise<Snapshot> {
  return withReadOnlySession(options, (session) => collect(session, options))
}
