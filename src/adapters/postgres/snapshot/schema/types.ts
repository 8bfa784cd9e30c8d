/** Schemas, extensions, collations, types. */
import { notOfExtension, userSchema } from '../scope.ts'
import type { Session } from '../session.ts'
import type { Piece } from './piece.ts'

interface Made {
  readonly oid: string
  readonly object: string
  readonly sql: string
}

const SCHEMAS = `
  select n.oid::text as oid, n.nspname as object, format('CREATE SCHEMA %I', n.nspname) as sql
  from pg_namespace n where ${userSchema('n')} and n.nspname <> 'public' and ${notOfExtension('pg_namespace', 'n.oid')}`

/** The extension's own schema may not be there yet when it is one that the extension makes: then it is not named. */
const EXTENSIONS = `
  select e.oid::text as oid, e.extname as object, format('CREATE EXTENSION IF NOT EXISTS %I', e.extname) ||
    case when n.nspname in ('public', 'pg_catalog') or exists (select from pg_depend d where d.classid = 'pg_namespace'::regclass
      and d.objid = n.oid and d.deptype = 'e') then '' else format(' WITH SCHEMA %I', n.nspname) end as sql
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname <> 'plpgsql'`

const collations = (version: number) => `
  select c.oid::text as oid, n.nspname || '.' || c.collname as object,
    format('CREATE COLLATION %I.%I (provider = %s, ', n.nspname, c.collname, case c.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end) ||
    case when c.collprovider = 'c' then format('lc_collate = %L, lc_ctype = %L', c.collcollate, c.collctype)
      else format('locale = %L', ${version >= 170_000 ? 'c.colllocale' : version >= 150_000 ? 'c.colliculocale' : 'c.collcollate'}) end ||
    case when c.collisdeterministic then '' else ', deterministic = false' end || ')' as sql
  from pg_collation c join pg_namespace n on n.oid = c.collnamespace
  where ${userSchema('n')} and ${notOfExtension('pg_collation', 'c.oid')}`

const ENUMS = `
  select t.oid::text as oid, t.typarray::text as "arrayOid", n.nspname || '.' || t.typname as object,
    format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
      (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)) as sql
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype = 'e' and ${userSchema('n')} and ${notOfExtension('pg_type', 't.oid')}`

const DOMAINS = `
  select t.oid::text as oid, t.typarray::text as "arrayOid", n.nspname || '.' || t.typname as object,
    format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod)) ||
    coalesce((select format(' COLLATE %I.%I', cn.nspname, c.collname) from pg_collation c join pg_namespace cn on cn.oid = c.collnamespace
      join pg_type b on b.oid = t.typbasetype where c.oid = t.typcollation and t.typcollation <> b.typcollation), '') ||
    coalesce(' DEFAULT ' || t.typdefault, '') || case when t.typnotnull then ' NOT NULL' else '' end ||
    coalesce((select string_agg(format(' CONSTRAINT %I %s', c.conname, pg_get_constraintdef(c.oid)), '' order by c.conname collate "C")
      from pg_constraint c where c.contypid = t.oid and c.contype = 'c'), '') as sql,
    (select coalesce(array_agg(c.oid::text), '{}') from pg_constraint c where c.contypid = t.oid) as "constraintOids"
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype = 'd' and ${userSchema('n')} and ${notOfExtension('pg_type', 't.oid')}`

const COMPOSITES = `
  select t.oid::text as oid, t.typarray::text as "arrayOid", c.oid::text as "classOid", n.nspname || '.' || t.typname as object,
    format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
      coalesce((select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) ||
        coalesce((select format(' COLLATE %I.%I', cn.nspname, k.collname) from pg_collation k join pg_namespace cn on cn.oid = k.collnamespace
          join pg_type b on b.oid = a.atttypid where k.oid = a.attcollation and a.attcollation <> b.typcollation), ''), ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '')) as sql
  from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind = 'c' join pg_namespace n on n.oid = t.typnamespace
  where ${userSchema('n')} and ${notOfExtension('pg_type', 't.oid')}`

const ranges = (version: number) => `
  select t.oid::text as oid, t.typarray::text as "arrayOid", n.nspname || '.' || t.typname as object,
    ${version >= 140_000 ? 'r.rngmultitypid::text' : 'null::text'} as "multirangeOid", r.rngcanonical::oid <> 0 as canonical,
    format('CREATE TYPE %I.%I AS RANGE (subtype = %s', n.nspname, t.typname, format_type(r.rngsubtype, null)) ||
    (select case when o.opcdefault then '' else format(', subtype_opclass = %I.%I', sn.nspname, o.opcname) end
      from pg_opclass o join pg_namespace sn on sn.oid = o.opcnamespace where o.oid = r.rngsubopc) ||
    coalesce((select format(', collation = %I.%I', cn.nspname, k.collname) from pg_collation k join pg_namespace cn on cn.oid = k.collnamespace
      join pg_type b on b.oid = r.rngsubtype where k.oid = r.rngcollation and r.rngcollation <> b.typcollation), '') ||
    case when r.rngsubdiff::oid <> 0 then format(', subtype_diff = %s', r.rngsubdiff) else '' end ||
    ${version >= 140_000 ? "(select format(', multirange_type_name = %I.%I', mn.nspname, m.typname) from pg_type m join pg_namespace mn on mn.oid = m.typnamespace where m.oid = r.rngmultitypid)" : "''"} || ')' as sql
  from pg_type t join pg_range r on r.rngtypid = t.oid join pg_namespace n on n.oid = t.typnamespace
  where t.typtype = 'r' and ${userSchema('n')} and ${notOfExtension('pg_type', 't.oid')}`

const BASE_TYPES = `
  select n.nspname || '.' || t.typname as object from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype = 'b' and ${userSchema('n')} and ${notOfExtension('pg_type', 't.oid')}
    and not exists (select from pg_type e where e.typarray = t.oid) and t.typisdefined order by 1`

interface MadeType extends Made {
  readonly arrayOid: string
  readonly classOid?: string
  readonly multirangeOid?: string | null
  readonly constraintOids?: readonly string[]
  readonly canonical?: boolean
}

function typePiece(row: MadeType): Piece {
  const also = [`pg_type:${row.arrayOid}`]
  if (row.classOid !== undefined) also.push(`pg_class:${row.classOid}`)
  if (row.multirangeOid) also.push(`pg_type:${row.multirangeOid}`)
  for (const oid of row.constraintOids ?? []) also.push(`pg_constraint:${oid}`)
  const statements = [{ sql: row.sql, kind: 'type', object: row.object }]
  return { key: `pg_type:${row.oid}`, alsoMakes: also, phase: 'type', name: row.object, statements }
}

/** What tables rest on. Types that only C code could make again are named as missing. */
export async function readTypes(session: Session): Promise<readonly Piece[]> {
  const named = async (sql: string, phase: 'schema' | 'extension' | 'collation', catalog: string) =>
    (await session.ask<Made>(sql)).map((row): Piece => {
      const kind = phase === 'collation' ? 'other' : phase
      const statements = [{ sql: row.sql, kind, object: row.object }]
      return { key: `${catalog}:${row.oid}`, alsoMakes: [], phase, name: row.object, statements }
    })
  const types = [
    ...(await session.ask<MadeType>(ENUMS)),
    ...(await session.ask<MadeType>(DOMAINS)),
    ...(await session.ask<MadeType>(COMPOSITES)),
    ...(await session.ask<MadeType>(ranges(session.version))),
  ]
  const foreign = await session.ask<{ object: string }>(BASE_TYPES)
  const unmade = [...types.filter(({ canonical }) => canonical === true), ...foreign]
  for (const { object } of unmade) {
    session.missing.push({
      what: `type ${object}`,
      why: 'it rests on functions that cannot be made again',
      grant: null,
    })
  }
  return [
    ...(await named(SCHEMAS, 'schema', 'pg_namespace')),
    ...(await named(EXTENSIONS, 'extension', 'pg_extension')),
    ...(await named(collations(session.version), 'collation', 'pg_collation')),
    ...types.filter(({ canonical }) => canonical !== true).map(typePiece),
  ]
}
