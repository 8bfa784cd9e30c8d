import { loadModule, parseSync } from 'libpg-query'
import { describe, expect, it } from 'vitest'
import type { ParsedStatement } from '../sql.ts'
import { phaseOf } from './phases.ts'

await loadModule()
const parsed = (sql: string): ParsedStatement => {
  const node = parseSync(sql).stmts?.[0]?.stmt ?? null
  return { sql, offset: 0, line: 1, node, problem: null, origin: 'file' }
}

describe('the phase of a statement', () => {
  it.each([
    ['CREATE TABLE t (id bigint)', 'expand'],
    ['CREATE INDEX i ON t (a)', 'expand'],
    ['ALTER TABLE t ADD COLUMN a text', 'expand'],
    ["ALTER TABLE t ADD COLUMN a text NOT NULL DEFAULT ''", 'expand'],
    ['ALTER TABLE t ADD COLUMN a bigserial NOT NULL', 'expand'],
    ['ALTER TABLE t ADD COLUMN a bigint GENERATED ALWAYS AS IDENTITY NOT NULL', 'expand'],
    ['ALTER TABLE t ADD COLUMN a text NOT NULL', 'contract'],
    ['ALTER TABLE t ADD COLUMN a text, DROP COLUMN b', 'contract'],
    ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', 'contract'],
    ['ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID', 'contract'],
    ['ALTER TABLE t RENAME COLUMN a TO b', 'contract'],
    ['DROP TABLE t', 'contract'],
    ['TRUNCATE t', 'contract'],
    ['DROP INDEX i', 'neutral'],
    ['ALTER TABLE t VALIDATE CONSTRAINT c', 'neutral'],
    ['SET lock_timeout = 1000', 'neutral'],
    ['ANALYZE t', 'neutral'],
    ['UPDATE t SET a = 1', 'data'],
  ] as const)('of %s is %s', (sql, phase) => {
    expect(phaseOf(parsed(sql))).toBe(phase)
  })

  it('of something that is no SQL is neutral, since it is a finding of its own', () => {
    expect(phaseOf({ sql: 'selct', offset: 0, line: 1, node: null, problem: null, origin: 'file' })).toBe('neutral')
  })
})
