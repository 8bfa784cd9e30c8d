import type { SequenceSnapshot } from '../../../core/check/snapshot.ts'
import { notOfExtension, userSchema } from './scope.ts'
import type { Session } from './session.ts'

const SEQUENCES = `
  select n.nspname as schema, c.relname as name, format_type(q.seqtypid, null) as "dataType", q.seqmax::text as "maxValue",
    case when has_sequence_privilege(c.oid, 'usage') or has_sequence_privilege(c.oid, 'select')
      then pg_sequence_last_value(c.oid)::text end as "lastValue",
    has_sequence_privilege(c.oid, 'usage') or has_sequence_privilege(c.oid, 'select') as readable,
    (select tn.nspname || '.' || t.relname || '.' || a.attname from pg_depend d
      join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
        and d.refobjsubid > 0 and d.deptype in ('a', 'i') limit 1) as "ownedBy"
  from pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace
  where c.relpersistence <> 't' and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}
  order by n.nspname collate "C", c.relname collate "C"`

/** Sequences with how far they have come; that is needed to tell when ids run out. */
export async function readSequences(session: Session): Promise<readonly SequenceSnapshot[]> {
  const rows = await session.ask<SequenceSnapshot & { readable: boolean }>(SEQUENCES)
  const hidden = rows.filter(({ readable }) => !readable)
  if (hidden.length > 0) {
    session.missing.push({
      what: `last values of ${hidden.length} sequences`,
      why: 'the role may neither use nor read them',
      grant:
        session.version >= 140_000
          ? `GRANT pg_read_all_data TO ${session.role}`
          : [...new Set(hidden.map(({ schema }) => schema))]
              .map(
                (schema) =>
                  `GRANT SELECT ON ALL SEQUENCES IN SCHEMA "${schema.replaceAll('"', '""')}" TO ${session.role}`,
              )
              .join('; '),
    })
  }
  return rows.map(({ schema, name, dataType, lastValue, maxValue, ownedBy }) => ({
    schema,
    name,
    dataType,
    lastValue,
    maxValue,
    ownedBy,
  }))
}
