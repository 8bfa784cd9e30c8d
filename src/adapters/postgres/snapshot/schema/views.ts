/** What stands on top of tables: views, rules, triggers, policies. */
import { notOfExtension, userSchema } from '../scope.ts'
import type { Session } from '../session.ts'
import type { Phase, Piece } from './piece.ts'

interface Row {
  readonly oid: string
  readonly object: string
  readonly name: string
  readonly statements: readonly string[]
  readonly also: readonly string[]
}

const IN_TABLE = `join pg_namespace n on n.oid = c.relnamespace
  where c.relpersistence <> 't' and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`
const TABLE = "format('%I.%I', n.nspname, c.relname)"

/** A materialized view is filled once it is made: over empty tables that is quick, and queries may then run on it. */
const VIEWS = `
  select c.oid::text as oid, n.nspname || '.' || c.relname as object, n.nspname || '.' || c.relname as name,
    case when c.relkind = 'v' then array[format('CREATE VIEW %s%s AS%s%s', ${TABLE},
        coalesce(' WITH (' || (select string_agg(o, ', ') from unnest(c.reloptions) o where o !~ '^check_option=') || ')', ''),
        E'\\n' || rtrim(pg_get_viewdef(c.oid), ';'),
        coalesce((select ' WITH ' || upper(substr(o, 14)) || ' CHECK OPTION' from unnest(c.reloptions) o where o ~ '^check_option='), ''))]
      else array[format('CREATE MATERIALIZED VIEW %s%s AS%s WITH NO DATA', ${TABLE}, coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''),
        E'\\n' || rtrim(pg_get_viewdef(c.oid), ';')), 'REFRESH MATERIALIZED VIEW ' || ${TABLE}] end as statements,
    array(select 'pg_rewrite:' || r.oid from pg_rewrite r where r.ev_class = c.oid and r.rulename = '_RETURN')
      || ('pg_type:' || c.reltype) || ('pg_type:' || (select t.typarray from pg_type t where t.oid = c.reltype)) as also
  from pg_class c ${IN_TABLE} and c.relkind in ('v', 'm')`

const RULES = `
  select r.oid::text as oid, n.nspname || '.' || c.relname as object, n.nspname || '.' || c.relname || '.' || r.rulename as name,
    array[rtrim(pg_get_ruledef(r.oid), ';')] as statements, '{}'::text[] as also
  from pg_rewrite r join pg_class c on c.oid = r.ev_class ${IN_TABLE} and r.rulename <> '_RETURN' and c.relkind <> 'f'`

const TRIGGERS = `
  select g.oid::text as oid, n.nspname || '.' || c.relname as object, n.nspname || '.' || c.relname || '.' || g.tgname as name,
    array[pg_get_triggerdef(g.oid)] || case g.tgenabled when 'O' then '{}'::text[] else array[format('ALTER TABLE %s %s TRIGGER %I', ${TABLE},
      case g.tgenabled when 'D' then 'DISABLE' when 'R' then 'ENABLE REPLICA' else 'ENABLE ALWAYS' end, g.tgname)] end as statements, '{}'::text[] as also
  from pg_trigger g join pg_class c on c.oid = g.tgrelid ${IN_TABLE} and not g.tgisinternal and g.tgparentid = 0 and c.relkind <> 'f'`

const SECURED = `
  select 'rls-' || c.oid as oid, n.nspname || '.' || c.relname as object, n.nspname || '.' || c.relname as name, '{}'::text[] as also,
    array[format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', ${TABLE})] || case when c.relforcerowsecurity then
      array[format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', ${TABLE})] else '{}'::text[] end as statements
  from pg_class c ${IN_TABLE} and c.relrowsecurity`

const POLICIES = `
  select p.oid::text as oid, n.nspname || '.' || c.relname as object, n.nspname || '.' || c.relname || '.' || p.polname as name, '{}'::text[] as also,
    array[format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, ${TABLE}, case when p.polpermissive then 'PERMISSIVE' else 'RESTRICTIVE' end,
      case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
      (select string_agg(case when o = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(o)) end, ', ' order by pg_get_userbyid(o) collate "C") from unnest(p.polroles) o),
      coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''), coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))] as statements
  from pg_policy p join pg_class c on c.oid = p.polrelid ${IN_TABLE}`

/** Roles that policies name; made without login, so that the policies can be. */
const ROLES = `
  select r.oid::text as oid, r.rolname as object, r.rolname as name, '{}'::text[] as also,
    array[format('DO $premortem$ BEGIN CREATE ROLE %I NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $premortem$', r.rolname)] as statements
  from pg_roles r where r.rolname !~ '^pg_' and exists (select from pg_policy p join pg_class c on c.oid = p.polrelid ${IN_TABLE} and r.oid = any (p.polroles))`

function pieces(rows: readonly Row[], made: { catalog: string; phase: Phase; kind: string }): readonly Piece[] {
  return rows.map((row) => ({
    key: `${made.catalog}:${row.oid}`,
    alsoMakes: row.also,
    phase: made.phase,
    name: row.name,
    statements: row.statements.map((sql) => ({ sql, kind: made.kind, object: row.object })),
  }))
}

/** Roles that policies name. */
export async function readRoles(session: Session): Promise<readonly Piece[]> {
  return pieces(await session.ask<Row>(ROLES), { catalog: 'role', phase: 'role', kind: 'other' })
}

/** Policies among them: they change what the planner sees of a query. */
export async function readViews(session: Session): Promise<readonly Piece[]> {
  const ask = (sql: string) => session.ask<Row>(sql)
  return [
    ...(await readRoles(session)),
    ...pieces(await ask(VIEWS), { catalog: 'pg_class', phase: 'view', kind: 'view' }),
    ...pieces(await ask(RULES), { catalog: 'pg_rewrite', phase: 'rule', kind: 'other' }),
    ...pieces(await ask(TRIGGERS), { catalog: 'pg_trigger', phase: 'trigger', kind: 'other' }),
    ...pieces(await ask(SECURED), { catalog: 'rls', phase: 'policy', kind: 'other' }),
    ...pieces(await ask(POLICIES), { catalog: 'pg_policy', phase: 'policy', kind: 'other' }),
  ]
}
