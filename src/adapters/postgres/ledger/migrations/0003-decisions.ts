import { type Kysely, type Migration, sql } from 'kysely'

/** What decisions leave besides events: states, and the keys of the commands that the outbox has seen. */
export const decisions: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`create table premortem.decider_states (
      environment text not null,
      service text not null,
      decider text not null,
      sequence bigint not null,
      state jsonb not null,
      primary key (environment, service, decider)
    )`.execute(db)
    await sql`create table premortem.outbox_keys (
      environment text not null,
      service text not null,
      key text not null,
      seen_at timestamptz not null default premortem.now(),
      primary key (environment, service, key)
    )`.execute(db)
  },
}
