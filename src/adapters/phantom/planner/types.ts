/** Types of parameters, by oid. */
import type { ParameterType } from '../../../core/check/variants/type-values.ts'
import { ConnectionLost, type QuerySession } from './session.ts'

/** Row types of tables are left out: there are as many as tables, and hardly a parameter has one. */
const TYPES = `select t.oid, t.typname, t.typcategory, t.typelem, t.typbasetype, t.typtype,
    (select e.enumlabel from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder limit 1) as label
  from pg_type t where t.typtype in ('b', 'd', 'e', 'r', 'm') and (t.typelem = 0 or not exists (
    select from pg_type c where c.oid = t.typelem and c.typtype = 'c'))`

type Row = Readonly<Record<string, string | null>>

const UNKNOWN: ParameterType = { name: 'unknown', category: 'X', element: null, label: null }
/** Domains over domains, arrays of domains: deeper than this is no schema. */
const MAX_DEPTH = 20

/** All types of a database, domains as what they rest on. */
export class TypeCatalog {
  private readonly rows: ReadonlyMap<string, Row>
  private readonly types = new Map<string, ParameterType>()

  private constructor(rows: readonly Row[]) {
    this.rows = new Map(rows.map((row) => [row.oid ?? '', row]))
  }

  static async load(session: QuerySession): Promise<TypeCatalog> {
    for (;;) {
      try {
        const [rows] = await session.send(TYPES)
        return new TypeCatalog(rows ?? [])
      } catch (error) {
        // The session itself gives up after a few connections.
        if (!(error instanceof ConnectionLost)) throw error
      }
    }
  }

  get(oid: string): ParameterType {
    const known = this.types.get(oid)
    if (known !== undefined) return known
    const type = this.make(oid, 0)
    this.types.set(oid, type)
    return type
  }

  private make(oid: string, depth: number): ParameterType {
    const row = this.rows.get(oid)
    if (row === undefined || depth > MAX_DEPTH) return UNKNOWN
    const base = row.typbasetype ?? '0'
    if (base !== '0') return this.make(base, depth + 1)
    const element = row.typcategory === 'A' && row.typelem !== '0' ? this.make(row.typelem ?? '', depth + 1) : null
    return { name: row.typname ?? '', category: row.typcategory ?? 'X', element, label: row.label ?? null }
  }
}
