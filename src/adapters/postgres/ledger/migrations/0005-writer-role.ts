import { type Kysely, type Migration, sql } from 'kysely'

/**
 * `premortem_writer` may append to the ledger and read it, and has no right to change or remove an event. Roles belong
 * to the whole server: another database may have made it already, and a managed server may refuse to make one; then
 * the triggers alone keep the ledger append-only.
 */
export const writerRole: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`do $$
      begin
        create role premortem_writer nologin;
      exception
        when duplicate_object or unique_violation or insufficient_privilege then null;
      end $$`.execute(db)
    await sql`do $$
      begin
        if not exists (select from pg_roles where rolname = 'premortem_writer') then return; end if;
        grant usage on schema premortem to premortem_writer;
        grant select, insert on premortem.events, premortem.samples, premortem.outbox_keys to premortem_writer;
        grant select, insert, update on premortem.streams, premortem.decider_states to premortem_writer;
        grant select on premortem.test_clock to premortem_writer;
      end $$`.execute(db)
    await sql`revoke all on function premortem.ensure_partition(timestamptz) from public`.execute(db)
    await sql`do $$
      begin
        if not exists (select from pg_roles where rolname = 'premortem_writer') then return; end if;
        grant execute on function premortem.ensure_partition(timestamptz) to premortem_writer;
      end $$`.execute(db)
  },
}
