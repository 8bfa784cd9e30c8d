/** After a deployment: is the schema what the snapshot and the migrations say it should be? */
import type { Finding } from '../finding.ts'
import type { FindingSeverity } from '../severity.ts'
import type { RelationSnapshot, SchemaStatement, Snapshot } from '../snapshot.ts'

/** Kinds whose absence slows or stops queries are errors; what is there beyond expectation is told only. */
const VITAL: ReadonlySet<string> = new Set(['table', 'partition', 'index', 'constraint', 'view', 'function', 'type'])
/** Tables of migration tools come and go with the tool, not with a migration. */
const TOOL_TABLES =
  /(^|\.)(schema_migrations|flyway_schema_history|_prisma_migrations|goose_db_version|pgmigrations|premortem_migrations)\b/
/** A table below this many rows need not have been analysed. */
const ANALYSED_FROM_ROWS = 1000

interface Told {
  readonly rule: string
  readonly severity: FindingSeverity
  readonly message: string
  readonly remedy: string
}

const finding = (told: Told): Finding => ({ ...told, file: null, line: null, column: null })

/** Statements by what they make. Two statements about one object (a table and its setting) are told apart by number. */
function byObject(statements: readonly SchemaStatement[]): ReadonlyMap<string, SchemaStatement> {
  const found = new Map<string, SchemaStatement>()
  const seen = new Map<string, number>()
  for (const statement of statements) {
    if (statement.object === null || TOOL_TABLES.test(statement.object)) continue
    const key = `${statement.kind} ${statement.object}`
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    found.set(count === 1 ? key : `${key} #${count}`, statement)
  }
  return found
}

/** White space is no difference. */
const plain = (sql: string): string => sql.replace(/\s+/g, ' ').trim()

function missing(key: string, statement: SchemaStatement): Finding {
  return finding({
    rule: statement.kind === 'index' ? 'deployed-index-missing' : 'deployed-object-missing',
    severity: VITAL.has(statement.kind) ? 'error' : 'warning',
    message: `The ${key} should be there after the migrations, and is not.`,
    remedy: `Create it: ${plain(statement.sql)}`,
  })
}

function different(
  key: string,
  pair: { readonly expected: SchemaStatement; readonly actual: SchemaStatement },
): Finding {
  return finding({
    rule: 'deployed-object-differs',
    severity: VITAL.has(pair.expected.kind) ? 'error' : 'warning',
    message: `The ${key} is not as the migrations make it: it is "${plain(pair.actual.sql)}" and should be "${plain(pair.expected.sql)}".`,
    remedy: 'Find out who changed it. Bring it back, or write the migration that says so.',
  })
}

function unexpected(key: string, statement: SchemaStatement): Finding {
  return finding({
    rule: 'deployed-object-unexpected',
    severity: 'note',
    message: `The ${key} is there, and no migration makes it: ${plain(statement.sql)}`,
    remedy: 'Write a migration for it, or drop it: the next environment will not have it.',
  })
}

function schemaFindings(expected: Snapshot, actual: Snapshot): readonly Finding[] {
  const should = byObject(expected.schema)
  const is = byObject(actual.schema)
  const lost = [...should].flatMap(([key, statement]) => {
    const there = is.get(key)
    if (there === undefined) return [missing(key, statement)]
    return plain(there.sql) === plain(statement.sql) ? [] : [different(key, { expected: statement, actual: there })]
  })
  const extra = [...is].flatMap(([key, statement]) => (should.has(key) ? [] : [unexpected(key, statement)]))
  return [...lost, ...extra]
}

const nameOf = (relation: RelationSnapshot): string =>
  relation.schema === 'public' ? relation.name : `${relation.schema}.${relation.name}`

const invalidIndexes = (actual: Snapshot): readonly Finding[] =>
  actual.relations
    .filter((relation) => relation.kind === 'i' && !relation.valid)
    .map((index) =>
      finding({
        rule: 'deployed-index-invalid',
        severity: 'error',
        message: `The index ${nameOf(index)} on ${index.table} is INVALID: its CREATE INDEX CONCURRENTLY did not finish. No query uses it, and every write pays for it.`,
        remedy: `Run DROP INDEX CONCURRENTLY ${nameOf(index)}; and create it again.`,
      }),
    )

const unvalidated = (actual: Snapshot): readonly Finding[] =>
  actual.schema
    .filter((statement) => statement.kind === 'constraint' && /\bNOT VALID\b/i.test(statement.sql))
    .map((statement) =>
      finding({
        rule: 'deployed-constraint-unvalidated',
        severity: 'warning',
        message: `The constraint ${statement.object} was never validated: rows from before it may break it, and the planner cannot rely on it.`,
        remedy: 'Run ALTER TABLE … VALIDATE CONSTRAINT, which takes no lock that blocks writes.',
      }),
    )

/** Tables with rows and indexes on expressions that the planner knows nothing about. */
function unanalysed(actual: Snapshot): readonly Finding[] {
  const rowsOf = new Map(
    actual.relations.map((relation) => [`${relation.schema}.${relation.name}`, relation.reltuples]),
  )
  const expressions = new Set(
    actual.schema.filter((one) => one.kind === 'index' && hasExpression(one.sql)).map((one) => one.object),
  )
  return actual.relations.flatMap((relation) => {
    if (relation.columns.length > 0) return []
    const name = `${relation.schema}.${relation.name}`
    if (relation.kind === 'r' && relation.reltuples >= ANALYSED_FROM_ROWS)
      return [noStatistics(relation, nameOf(relation))]
    const table = relation.table?.includes('.') ? relation.table : `${relation.schema}.${relation.table}`
    const big = relation.kind === 'i' && relation.valid && (rowsOf.get(table) ?? 0) >= ANALYSED_FROM_ROWS
    const isExpression = expressions.has(name) || expressions.has(relation.name)
    return big && isExpression ? [noStatistics(relation, relation.table ?? '')] : []
  })
}

/** Keys that are more than columns: `lower(email)`, `((data ->> 'a'))`. */
function hasExpression(sql: string): boolean {
  const keys = /\bUSING\s+\w+\s*\((.*)$/is.exec(sql)?.[1] ?? ''
  return keys.slice(0, closingAt(keys)).includes('(')
}

function closingAt(text: string): number {
  let depth = 1
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')') depth -= 1
    if (depth === 0) return at
  }
  return text.length
}

const noStatistics = (relation: RelationSnapshot, table: string): Finding =>
  finding({
    rule: 'deployed-statistics-missing',
    severity: 'warning',
    message: `${nameOf(relation)} has no statistics: the planner guesses until ANALYZE has run.`,
    remedy: `Run ANALYZE ${table};`,
  })

/**
 * What a deployed database has otherwise than expected. `expected` is the snapshot of a database on which the same
 * migrations were applied; both must have been taken by the same reader, since definitions are compared as text.
 * Errors first.
 */
export function compareDeployed(expected: Snapshot, actual: Snapshot): readonly Finding[] {
  const all = [
    ...schemaFindings(expected, actual),
    ...invalidIndexes(actual),
    ...unvalidated(actual),
    ...unanalysed(actual),
  ]
  const rank: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 1, note: 2 }
  return all.toSorted((left, right) => rank[left.severity] - rank[right.severity])
}
