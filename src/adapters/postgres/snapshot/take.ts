import type { EpochMs } from '../../../base/time.ts'
import { toIso } from '../../../base/time.ts'
import { withoutValues } from '../../../core/check/remap/column-values.ts'
import { publicLiterals } from '../../../core/check/remap/public-literals.ts'
import { remapRelations } from '../../../core/check/remap/remap.ts'
import { thinStatistics } from '../../../core/check/remap/thin.ts'
import {
  type ColumnStatistics,
  type RelationSnapshot,
  SNAPSHOT_FORMAT,
  type Snapshot,
  type ValuesMode,
  type WorkloadQuery,
} from '../../../core/check/snapshot.ts'
import { combineWorkloads } from '../../../core/check/workload/combine.ts'
import { readApplied } from './applied.ts'
import { findSchema } from './dump/schema.ts'
import { type ColumnEnds, readEnds } from './ends.ts'
import { readValueFacts } from './facts.ts'
import { readGin, readHeights } from './heights.ts'
import { findRelations } from './relations.ts'
import { readSequences } from './sequences.ts'
import { type Session, withReadOnlySession } from './session.ts'
import { readSettings } from './settings.ts'
import { readStatements } from './statements.ts'
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
  /** Queries from elsewhere; they come before those of pg_stat_statements, and get its counts where it has them. */
  readonly workload?: readonly WorkloadQuery[]
  /** `auto` (default): of pg_dump where one is as new as the server; `catalog`: of the catalogs, the same text everywhere. */
  readonly schema?: 'auto' | 'catalog'
  /** The pg_dump to use. Default: the first on the PATH that is new enough. */
  readonly pgDump?: string
}

async function readExtendedStatistics(session: Session): Promise<Snapshot['extendedStatistics']> {
  return session.ask(`
    select n.nspname || '.' || s.stxname as name, tn.nspname || '.' || t.relname as "table", pg_get_statisticsobjdef(s.oid) as definition
    from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace join pg_class t on t.oid = s.stxrelid
    join pg_namespace tn on tn.oid = t.relnamespace order by 1`)
}

/** Columns with the real ends that were found for them. */
function withEnds(
  columns: readonly ColumnStatistics[],
  ends: ReadonlyMap<string, ColumnEnds> | undefined,
): readonly ColumnStatistics[] {
  if (ends === undefined) return columns
  return columns.map((column) => {
    const found = column.inherited ? undefined : ends.get(column.column)
    return found === undefined ? column : { ...column, low: found.low, high: found.high }
  })
}

async function readRelations(session: Session, monotonic: () => number): Promise<readonly RelationSnapshot[]> {
  const relations = await findRelations(session)
  const statistics = await findStatistics(session, relations)
  const heights = await readHeights(session, relations)
  const gins = await readGin(session, relations)
  const ends = Map.groupBy(await readEnds(session, monotonic), ({ relation }) => relation)
  return relations.map(({ oid, tableOid: _tableOid, ...rest }) => {
    const name = `${rest.schema}.${rest.name}`
    const known = ends.get(name)?.map((one) => [one.column, one] as const)
    const columns = withEnds(statistics.get(name) ?? [], known && new Map(known))
    const gin = gins.get(oid)
    return { ...rest, height: heights.get(oid) ?? null, ...(gin === undefined ? {} : { gin }), columns }
  })
}

/** The relations as they may leave. */
async function disguised(
  session: Session,
  known: Pick<Snapshot, 'relations' | 'schema' | 'workload'> & { readonly options: TakeOptions },
): Promise<readonly RelationSnapshot[]> {
  const { relations, options } = known
  if (options.values === 'keep') return relations
  if (options.values === 'none') return relations.map((one) => ({ ...one, columns: one.columns.map(withoutValues) }))
  const facts = await readValueFacts(session)
  const thinned = relations.map(thinStatistics)
  const remapped = remapRelations({ ...facts, relations: thinned, literals: publicLiterals(known), now: options.now })
  session.missing.push(...remapped.missing)
  return remapped.relations
}

async function collect(session: Session, options: TakeOptions): Promise<Snapshot> {
  const say = options.onProgress ?? (() => undefined)
  say(`reading PostgreSQL ${Math.floor(session.version / 10_000)}: settings and workload`)
  const settings = await readSettings(session)
  const given = options.workload ?? []
  const { workload: ran, workloadMinutes } = await readStatements(session, given.length > 0)
  const workload = combineWorkloads(given, ran)
  say('schema')
  const { connectionString, signal, schema: from = 'auto', pgDump } = options
  const found = await findSchema(session, {
    connectionString,
    signal,
    schema: from,
    say,
    ...(pgDump === undefined ? {} : { program: pgDump }),
  })
  const { schema } = found
  say('sizes and statistics')
  const sized = await readRelations(session, () => performance.now())
  const relations = await disguised(session, { relations: sized, schema, workload, options })
  return {
    format: SNAPSHOT_FORMAT,
    takenAt: toIso(options.now),
    values: options.values,
    ...settings,
    ...found,
    relations,
    sequences: await readSequences(session),
    extendedStatistics: await readExtendedStatistics(session),
    workload,
    workloadMinutes,
    appliedMigrations: await readApplied(session),
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
