/** What the pages of the rules say, and the production that they are about. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../../src/core/check/finding.ts'
import { lint } from '../../src/core/check/lint/lint.ts'
import type { Snapshot } from '../../src/core/check/snapshot.ts'
import { root } from '../tidy/tree.ts'
import { productionOf } from './production.ts'
import { parsed, ruleParser } from './rule-testing.ts'

export const SECTIONS = ['Problem', 'Bad', 'Good', 'When to ignore'] as const

export const RULE_PAGES = join(root, 'docs/rules')

/** The text below each `##` heading, in order. */
export function sectionsOf(page: string): ReadonlyMap<string, string> {
  const [, ...parts] = page.split(/^## /m)
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n')
      return [part.slice(0, end).trim(), part.slice(end + 1)]
    }),
  )
}

/** The blocks of SQL in a section: each is a migration, in order. */
export const sqlOf = (section: string | undefined): readonly string[] =>
  [...(section ?? '').matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql = '']) => sql)

export const pageOf = (id: string): string => readFileSync(join(RULE_PAGES, `${id}.md`), 'utf8')

const TABLES = ['payments', 'orders', 'customers', 'refunds', 'users', 'accounts', 'events']

/** A production in which the pages' tables are large and busy, with what rules about production's state look for. */
const LARGE: Snapshot = productionOf({
  tables: TABLES.map((name) => ({ name, rows: 50_000_000 })),
  indexes: [
    { name: 'payments_customer_id_idx', table: 'payments', bytes: 1e9, scans: 1_000_000 },
    { name: 'payments_created_at_idx', table: 'payments', bytes: 1e9, scans: 4_000_000 },
    { name: 'payments_user_id_idx', table: 'payments', bytes: 1e9, valid: false },
  ],
  schema: [
    ...TABLES.map((name) => {
      const id = name === 'orders' ? 'integer' : 'bigint'
      return `CREATE TABLE ${name} (id ${id} PRIMARY KEY, customer_id ${id}, user_id bigint, amount numeric, region text, status text, created_at timestamptz)`
    }),
    'CREATE INDEX payments_customer_id_idx ON payments (customer_id)',
    'CREATE INDEX payments_created_at_idx ON payments (created_at)',
    'CREATE INDEX payments_user_id_idx ON payments (user_id)',
    "CREATE VIEW daily_totals AS SELECT sum(amount) AS total FROM payments GROUP BY date_trunc('day', created_at)",
  ],
  workload: {
    ...Object.fromEntries(
      TABLES.map((name) => [`SELECT id, amount FROM ${name} WHERE customer_id = $1 AND status = $2`, 1240]),
    ),
    'SELECT total FROM daily_totals': 3,
  },
  sequences: [
    {
      schema: 'public',
      name: 'payments_id_seq',
      dataType: 'integer',
      lastValue: '2000000000',
      maxValue: '2147483647',
      ownedBy: 'public.payments.id',
    },
  ],
})

interface Setting {
  readonly snapshot: Snapshot | null
  readonly serverVersion?: number
}

/** Without a snapshot, on an old server, with a snapshot. */
export const SETTINGS: readonly Setting[] = [
  { snapshot: null },
  { snapshot: null, serverVersion: 140_002 },
  { snapshot: LARGE },
]

/** What one rule says of migrations that go out together. */
export function saidOf(
  id: string,
  migrations: readonly string[],
  { snapshot, serverVersion }: Setting,
): readonly Finding[] {
  const files = migrations.map((sql, at) => parsed(sql, undefined, `${String(at + 1).padStart(4, '0')}_page.sql`))
  const config = { rules: { [id]: 'on' as const }, ...(serverVersion === undefined ? {} : { serverVersion }) }
  const { findings } = lint({ files, snapshot, parser: ruleParser, config })
  return findings.filter(({ rule }) => rule === id)
}
