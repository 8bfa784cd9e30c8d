import { type Kysely, type Migration, sql } from 'kysely'

/**
 * The ledger. A partitioned table's keys must contain the partition column, so the primary key alone would let one
 * sequence appear in two months; `streams.head`, moved with `where head = expected`, is what rules that out.
 */
export const events: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`create table premortem.streams (
      environment text not null,
      service text not null,
      head bigint not null check (head >= 0),
      primary key (environment, service)
    )`.execute(db)
    await sql`create table premortem.events (
      environment text not null,
      service text not null,
      sequence bigint not null check (sequence > 0),
      id text not null,
      at timestamptz not null,
      recorded_at timestamptz not null default premortem.now(),
      source jsonb not null,
      type text not null,
      data jsonb not null,
      primary key (environment, service, sequence, at)
    ) partition by range (at)`.execute(db)
    await appendOnly(db)
    await partitions(db)
  },
}

async function appendOnly(db: Kysely<unknown>): Promise<void> {
  await sql`create function premortem.refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% on premortem.events is refused: the ledger is append-only', tg_op
        using errcode = 'integrity_constraint_violation',
        hint = 'Append an event that corrects the earlier one.';
    end $$`.execute(db)
  await sql`create trigger append_only before update or delete on premortem.events
    for each row execute function premortem.refuse_change()`.execute(db)
  await sql`create trigger append_only_truncate before truncate on premortem.events
    for each statement execute function premortem.refuse_change()`.execute(db)
}

/**
 * No default partition: it would have to be searched and locked whenever a month is split off. The function runs with
 * the rights of the schema's owner, so that a role without rights to create tables can still append. ATTACH takes a
 * lock that lets reading and writing go on; CREATE TABLE … PARTITION OF would not.
 */
async function partitions(db: Kysely<unknown>): Promise<void> {
  await sql`create function premortem.partition_name(at timestamptz) returns text language sql stable
    return 'events_' || to_char(at at time zone 'UTC', 'YYYY_MM')`.execute(db)
  await sql`create function premortem.has_partition(at timestamptz) returns boolean language sql stable
    return to_regclass('premortem.' || premortem.partition_name(at)) is not null`.execute(db)
  await sql`create function premortem.ensure_partition(at timestamptz) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    declare
      name text := premortem.partition_name(at);
      month timestamp := date_trunc('month', at at time zone 'UTC');
    begin
      perform pg_advisory_xact_lock(hashtextextended('premortem.ensure_partition', 0));
      if premortem.has_partition(at) then return; end if;
      execute format('create table premortem.%I (like premortem.events including defaults including constraints)', name);
      execute format(
        'alter table premortem.events attach partition premortem.%I for values from (%L) to (%L)',
        name, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      execute format(
        'create trigger append_only_truncate before truncate on premortem.%I
         for each statement execute function premortem.refuse_change()', name);
    end $$`.execute(db)
}
