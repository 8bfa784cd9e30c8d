/** Functions, procedures and aggregates: indexes, defaults, checks, views, triggers and queries call them. */
import { FIRST_OWN_OID, notOfExtension, userSchema } from '../scope.ts'
import type { Session } from '../session.ts'
import type { Piece } from './piece.ts'

const IDENTITY = "n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'"

const ROUTINES = `
  select p.oid::text as oid, ${IDENTITY} as object, pg_get_functiondef(p.oid) as sql
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
  where p.prokind in ('f', 'p', 'w') and l.lanname not in ('c', 'internal') and ${userSchema('n')} and ${notOfExtension('pg_proc', 'p.oid')}
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')`

/** The parts of an aggregate that most have; one with more is told of. */
const AGGREGATES = `
  select p.oid::text as oid, ${IDENTITY} as object,
    a.aggkind = 'n' and a.aggmtransfn::oid = 0 and a.aggserialfn::oid = 0 as simple,
    format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %s, STYPE = %s', n.nspname, p.proname,
      case when p.pronargs = 0 then '*' else pg_get_function_identity_arguments(p.oid) end, a.aggtransfn, format_type(a.aggtranstype, null)) ||
    case when a.aggfinalfn::oid <> 0 then format(', FINALFUNC = %s', a.aggfinalfn) else '' end ||
    case when a.aggcombinefn::oid <> 0 then format(', COMBINEFUNC = %s', a.aggcombinefn) else '' end ||
    coalesce(format(', INITCOND = %L', a.agginitval), '') ||
    case p.proparallel when 's' then ', PARALLEL = SAFE' when 'r' then ', PARALLEL = RESTRICTED' else '' end || ')' as sql
  from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid join pg_namespace n on n.oid = p.pronamespace
  where ${userSchema('n')} and ${notOfExtension('pg_proc', 'p.oid')}`

/** What an index or a query of one's own may rest on, and no statement of ours makes. */
const UNMADE = `
  select format('function %s', ${IDENTITY}) as object, 'it is written in ' || l.lanname as why
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
  where p.prokind in ('f', 'p', 'w') and l.lanname in ('c', 'internal') and ${userSchema('n')} and ${notOfExtension('pg_proc', 'p.oid')}
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
  union all
  select format('operator %s.%s', n.nspname, o.oprname), 'operators of one''s own are not taken'
  from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where ${userSchema('n')} and ${notOfExtension('pg_operator', 'o.oid')}
  union all
  select format('text search configuration %s.%s', n.nspname, c.cfgname), 'text search configurations of one''s own are not taken'
  from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace where ${userSchema('n')} and ${notOfExtension('pg_ts_config', 'c.oid')}
  union all
  select format('cast from %s to %s', format_type(k.castsource, null), format_type(k.casttarget, null)), 'casts of one''s own are not taken'
  from pg_cast k where k.oid >= ${FIRST_OWN_OID} and ${notOfExtension('pg_cast', 'k.oid')}
    and not exists (select from pg_depend d where d.classid = 'pg_cast'::regclass and d.objid = k.oid and d.deptype = 'i')
  union all
  select format('operator class %s.%s for %s', n.nspname, o.opcname, m.amname), 'operator classes of one''s own are not taken'
  from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace join pg_am m on m.oid = o.opcmethod
  where ${userSchema('n')} and ${notOfExtension('pg_opclass', 'o.oid')}
  order by 1`

interface Routine {
  readonly oid: string
  readonly object: string
  readonly sql: string
  readonly simple?: boolean
}

const pieceOf = ({ oid, object, sql }: Routine): Piece => ({
  key: `pg_proc:${oid}`,
  alsoMakes: [],
  phase: 'function',
  name: object,
  statements: [{ sql: sql.trimEnd(), kind: 'function', object }],
})

/** All that are written in a language; what is C code outside an extension is named as missing. */
export async function readFunctions(session: Session): Promise<readonly Piece[]> {
  const routines = await session.ask<Routine>(ROUTINES)
  const aggregates = await session.ask<Routine>(AGGREGATES)
  for (const { object } of aggregates.filter(({ simple }) => simple !== true)) {
    session.missing.push({ what: `aggregate ${object}`, why: 'its kind is not taken', grant: null })
  }
  for (const { object, why } of await session.ask<{ object: string; why: string }>(UNMADE)) {
    session.missing.push({ what: object, why, grant: null })
  }
  return [...routines, ...aggregates.filter(({ simple }) => simple === true)].map(pieceOf)
}
