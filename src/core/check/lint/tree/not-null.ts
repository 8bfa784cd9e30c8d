/** Whether PostgreSQL knows that a column holds no NULL without reading the table. */
import type { KnownColumn, KnownTable, StatementContext } from '../rule.ts'

/** From 12 on a validated CHECK (column IS NOT NULL) spares SET NOT NULL its scan. */
const CHECK_PROVES_SINCE = 120000

/** The parts of an expression that all must hold, in lower case unless quoted, without parentheses around them. */
function conjuncts(expression: string): readonly string[] {
  const bare = expression
    .trim()
    .replace(/^check\b/i, '')
    .replace(/[()]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return /\bor\b|\bnot (?!null)/i.test(bare) ? [] : bare.split(/ and /i).map((one) => one.trim())
}

const sameColumn = (written: string, column: string) =>
  written === `"${column.replaceAll('"', '""')}"` || written.toLowerCase() === column

/** True when a CHECK with that expression lets no NULL into the column. */
export function forbidsNull(expression: string | null, column: string): boolean {
  if (expression === null) return false
  return conjuncts(expression).some((part) => {
    const name = /^(.*) is not null$/i.exec(part)?.[1]
    return name !== undefined && sameColumn(name, column)
  })
}

/** A column of a known table; null when table or column is not known. */
export function columnOf(table: KnownTable | null, name: string): KnownColumn | null {
  return table?.columns?.find((column) => column.name === name) ?? null
}

/**
 * `already`: the column is NOT NULL. `proven`: a validated CHECK says so. `unproven`: a constraint says so and is not
 * validated yet; the name is its. `open`: nothing known says so.
 */
export type NotNullProof =
  | { readonly kind: 'already' | 'proven' | 'open' }
  | { readonly kind: 'unproven'; readonly constraint: string }

/** What spares SET NOT NULL the scan: a validated CHECK or NOT NULL constraint; or why nothing does. */
export function notNullProof(context: StatementContext, table: KnownTable | null, column: string): NotNullProof {
  if (columnOf(table, column)?.notNull === true) return { kind: 'already' }
  const constraints = (table?.constraints ?? []).filter(
    (one) =>
      (one.kind === 'not-null' && one.columns.includes(column)) ||
      (one.kind === 'check' && forbidsNull(one.detail, column)),
  )
  if (constraints.some((one) => one.kind === 'not-null' && one.validated)) return { kind: 'already' }
  const oldServer = context.serverVersion !== null && context.serverVersion < CHECK_PROVES_SINCE
  if (!oldServer && constraints.some((one) => one.validated)) return { kind: 'proven' }
  const open = constraints.find((one) => !one.validated)
  return open === undefined ? { kind: 'open' } : { kind: 'unproven', constraint: open.name }
}
