/** Tables, partitions and sequences. */
import { notOfExtension, userSchema } from '../scope.ts'
import type { Session } from '../session.ts'
import { type ColumnRow, columnOptions, columnText } from './columns.ts'
import type { Piece } from './piece.ts'

interface TableRow {
  readonly oid: string
  readonly typeOid: string
  readonly arrayOid: string
  readonly object: string
  /** Quoted and qualified. */
  readonly name: string
  readonly unlogged: boolean
  readonly partitionKey: string | null
  readonly options: string | null
  readonly ofType: string | null
  readonly method: string | null
  /** Quoted, in the order of inheritance; empty for partitions, which are attached. */
  readonly parents: readonly string[]
  readonly attachedTo: string | null
  readonly bound: string | null
  readonly parentOid: string | null
  readonly checks: readonly { readonly oid: string; readonly sql: string }[]
}

const NAME = "format('%I.%I', n.nspname, c.relname)"

const TABLES = `
  select c.oid::text as oid, c.reltype::text as "typeOid", (select t.typarray::text from pg_type t where t.oid = c.reltype) as "arrayOid",
    n.nspname || '.' || c.relname as object, ${NAME} as name, c.relpersistence = 'u' as unlogged,
    case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as "partitionKey",
    array_to_string(c.reloptions, ', ') as options, case when c.reloftype <> 0 then format_type(c.reloftype, null) end as "ofType",
    (select nullif(am.amname, 'heap') from pg_am am where am.oid = c.relam) as method,
    (select coalesce(array_agg(format('%I.%I', pn.nspname, p.relname) order by h.inhseqno), '{}') from pg_inherits h
      join pg_class p on p.oid = h.inhparent join pg_namespace pn on pn.oid = p.relnamespace
      where h.inhrelid = c.oid and not c.relispartition) as parents,
    (select format('%I.%I', pn.nspname, p.relname) from pg_inherits h join pg_class p on p.oid = h.inhparent
      join pg_namespace pn on pn.oid = p.relnamespace where h.inhrelid = c.oid and c.relispartition) as "attachedTo",
    (select h.inhparent::text from pg_inherits h where h.inhrelid = c.oid and c.relispartition) as "parentOid",
    pg_get_expr(c.relpartbound, c.oid) as bound,
    (select coalesce(json_agg(json_build_object('oid', k.oid::text, 'sql', format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)))
      order by k.conname collate "C"), '[]') from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.convalidated
      and (k.conislocal or c.relispartition)) as checks
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`

const SEQUENCES = `
  select c.oid::text as oid, n.nspname || '.' || c.relname as object,
    format('CREATE SEQUENCE %s AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', ${NAME}, format_type(q.seqtypid, null),
      q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, case when q.seqcycle then ' CYCLE' else '' end) as sql,
    (select format('ALTER SEQUENCE %s OWNED BY %I.%I.%I', ${NAME}, tn.nspname, t.relname, a.attname) from pg_depend d
      join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype = 'a' and d.refobjsubid > 0) as owned
  from pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace
  where c.relpersistence <> 't' and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}
    and not exists (select from pg_depend i where i.classid = 'pg_class'::regclass and i.objid = c.oid and i.deptype = 'i')`

const FOREIGN = `
  select n.nspname || '.' || c.relname as object from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'f' and ${userSchema('n')} and ${notOfExtension('pg_class', 'c.oid')} order by 1`

function createTable(table: TableRow, columns: readonly ColumnRow[]): string {
  const own = table.parents.length > 0 ? columns.filter(({ local }) => local) : columns
  const lines = [...own.map(columnText), ...table.checks.map(({ sql }) => sql)]
  const options = table.options ? ` WITH (${table.options})` : ''
  const parents = table.parents.length > 0 ? ` INHERITS (${table.parents.join(', ')})` : ''
  const partition = table.partitionKey === null ? '' : ` PARTITION BY ${table.partitionKey}`
  const method = table.method === null ? '' : ` USING "${table.method}"`
  const body = lines.length > 0 ? `(\n  ${lines.join(',\n  ')}\n)` : '()'
  return `CREATE ${table.unlogged ? 'UNLOGGED ' : ''}TABLE ${table.name} ${body}${parents}${partition}${method}${options}`
}

function tablePieces(table: TableRow, columns: readonly ColumnRow[]): readonly Piece[] {
  const { object, name, oid, attachedTo, bound } = table
  const kind = attachedTo === null ? 'table' : 'partition'
  const defaults = columns.flatMap(({ defaultOid }) => (defaultOid === null ? [] : [`pg_attrdef:${defaultOid}`]))
  const checks = table.checks.map((check) => `pg_constraint:${check.oid}`)
  const made: Piece = {
    key: `pg_class:${oid}`,
    alsoMakes: [`pg_type:${table.typeOid}`, `pg_type:${table.arrayOid}`, ...defaults, ...checks],
    phase: 'table',
    name: object,
    statements: [
      { sql: createTable(table, columns), kind, object },
      ...columnOptions(name, columns).map((sql) => ({ sql, kind: 'other', object })),
    ],
  }
  if (attachedTo === null) return [made]
  const sql = `ALTER TABLE ONLY ${attachedTo} ATTACH PARTITION ${name} ${bound ?? 'DEFAULT'}`
  const attach: Piece = {
    key: `attach:${oid}`,
    alsoMakes: [],
    phase: 'attach',
    name: object,
    statements: [{ sql, kind: 'partition', object }],
  }
  return [made, attach]
}

interface SequenceRow {
  readonly oid: string
  readonly object: string
  readonly sql: string
  readonly owned: string | null
}

function sequencePieces({ oid, object, sql, owned }: SequenceRow): readonly Piece[] {
  const one = (key: string, phase: 'sequence' | 'owned-by', text: string): Piece => ({
    key,
    alsoMakes: [],
    phase,
    name: object,
    statements: [{ sql: text, kind: 'sequence', object }],
  })
  const made = one(`pg_class:${oid}`, 'sequence', sql)
  return owned === null ? [made] : [made, one(`owned:${oid}`, 'owned-by', owned)]
}

/** Foreign tables are left out and told of: their server cannot be reached from a phantom. */
export async function readTables(session: Session, columns: readonly ColumnRow[]): Promise<readonly Piece[]> {
  const byTable = Map.groupBy(columns, ({ tableOid }) => tableOid)
  const tables = await session.ask<TableRow>(TABLES)
  for (const { object } of await session.ask<{ object: string }>(FOREIGN)) {
    session.missing.push({
      what: `foreign table ${object}`,
      why: 'what it stands for is on another server',
      grant: null,
    })
  }
  const sequences = await session.ask<SequenceRow>(SEQUENCES)
  return [
    ...tables.flatMap((table) => tablePieces(table, byTable.get(table.oid) ?? [])),
    ...sequences.flatMap(sequencePieces),
  ]
}
