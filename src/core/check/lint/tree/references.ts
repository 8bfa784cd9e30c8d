/** Which tables point to which by foreign keys. */
import type { KnownTable, StatementContext } from '../rule.ts'

/** More tables than this are not followed. */
export const MAX_CLOSURE_TABLES = 200

const sameTable = (one: KnownTable, other: KnownTable) => one.schema === other.schema && one.name === other.name

/** True when the text that a foreign key keeps of its target (`public.orders`, `orders`, `orders(id)`) means the table. */
function means(detail: string | null, table: KnownTable): boolean {
  const target = (detail ?? '')
    .replace(/\s*\(.*$/s, '')
    .replaceAll('"', '')
    .trim()
  return target === table.name || target === `${table.schema}.${table.name}`
}

/** Tables with a foreign key to the table, itself left out; empty when the context cannot list tables. */
export function pointingAt(context: StatementContext, table: KnownTable): readonly KnownTable[] {
  return (context.tables?.() ?? []).filter(
    (other) =>
      !sameTable(other, table) &&
      other.constraints.some((constraint) => constraint.kind === 'foreign' && means(constraint.detail, table)),
  )
}

/** All tables that TRUNCATE … CASCADE of the table would empty too, nearest first; at most MAX_CLOSURE_TABLES. */
export function closureOf(context: StatementContext, table: KnownTable): readonly KnownTable[] {
  const found: KnownTable[] = []
  const open = [table]
  for (let next = open.shift(); next !== undefined && found.length < MAX_CLOSURE_TABLES; next = open.shift()) {
    for (const other of pointingAt(context, next)) {
      if (sameTable(other, table) || found.some((one) => sameTable(one, other))) continue
      found.push(other)
      open.push(other)
    }
  }
  return found
}
