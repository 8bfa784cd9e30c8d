import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Pool } from 'pg'
import { Problem } from '../../../base/problem.ts'
import { epochMs } from '../../../base/time.ts'
import { type ReleaseId, serviceName } from '../../../base/units.ts'
import type { SampleStore } from '../../../core/watch/ports.ts'
import type { SeriesPoint } from '../../../core/watch/samples.ts'
import { toProblem } from './problems.ts'
import type { LedgerTables } from './schema.ts'

/** Points written by one statement. */
const MAX_POINTS_PER_INSERT = 10_000
/** Points held in memory by one read: a day of one service at 1 s with ten curves; some 200 MB. */
const MAX_POINTS_READ = 1_000_000

/** Curves in `premortem.samples`. Its methods throw Problem `ledger-unavailable` when the database cannot be reached. */
export function createSampleStore({ pool }: { readonly pool: Pool }): SampleStore {
  const db = new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) })
  return {
    append: async (environment, points) => {
      try {
        for (let start = 0; start < points.length; start += MAX_POINTS_PER_INSERT) {
          await insert(db, environment, points.slice(start, start + MAX_POINTS_PER_INSERT))
        }
      } catch (error) {
        throw toProblem(error)
      }
    },
    read: async (stream) => {
      try {
        const rows = await db
          .selectFrom('premortem.samples')
          .select(['at', 'release', 'metric', 'value'])
          .where('environment', '=', stream.environment)
          .where('service', '=', stream.service)
          .orderBy('at')
          .limit(MAX_POINTS_READ + 1)
          .execute()
        if (rows.length > MAX_POINTS_READ) throw tooMany(stream)
        return rows.map((row) => ({
          at: epochMs(row.at.getTime()),
          service: serviceName(stream.service),
          release: row.release as ReleaseId | null,
          metric: row.metric,
          value: row.value,
        }))
      } catch (error) {
        throw toProblem(error)
      }
    },
  }
}

/** One statement with six parameters, however many points there are. */
async function insert(db: Kysely<LedgerTables>, environment: string, points: readonly SeriesPoint[]): Promise<void> {
  await sql`
    insert into premortem.samples (environment, at, service, release, metric, value)
    select ${environment}, to_timestamp(at / 1000.0), service, release, metric, value
    from unnest(
      ${points.map((point) => Math.trunc(point.at))}::float8[],
      ${points.map((point) => point.service)}::text[],
      ${points.map((point) => point.release)}::text[],
      ${points.map((point) => point.metric)}::text[],
      ${points.map((point) => point.value)}::float8[]
    ) as point (at, service, release, metric, value)`.execute(db)
}

const tooMany = (stream: { environment: string; service: string }) =>
  new Problem({
    code: 'samples-too-many',
    what: `${stream.environment}/${stream.service} has more than ${MAX_POINTS_READ} points of curves`,
    remedy: 'Look at a shorter span of time, or remove old samples.',
  })
