import { type Kysely, type Migration, sql } from 'kysely'

/** Curves. They arrive in the order of time, so a BRIN index finds a span for a few kilobytes of index. */
export const samples: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`create table premortem.samples (
      environment text not null,
      at timestamptz not null,
      service text not null,
      release text,
      metric text not null,
      value double precision not null
    )`.execute(db)
    await sql`create index samples_at on premortem.samples using brin (at) with (autosummarize = on)`.execute(db)
    await sql`create index samples_stream on premortem.samples (environment, service, at)`.execute(db)
  },
}
