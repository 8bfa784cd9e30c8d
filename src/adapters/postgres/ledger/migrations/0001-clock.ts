import { type Kysely, type Migration, sql } from 'kysely'

/** One clock for JavaScript and SQL: a test sets the time for its session or for the whole database. */
export const clock: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`create table premortem.test_clock (
      only_row boolean primary key default true check (only_row),
      now timestamptz not null
    )`.execute(db)
    await sql`create function premortem.now() returns timestamptz language sql volatile
      return coalesce(
        nullif(current_setting('premortem.test_now', true), '')::timestamptz,
        (select now from premortem.test_clock),
        clock_timestamp()
      )`.execute(db)
    await sql`comment on function premortem.now() is
      'The time: of the session''s test clock (setting premortem.test_now), else of the database''s (premortem.test_clock), else the machine''s.'`.execute(
      db,
    )
  },
}
