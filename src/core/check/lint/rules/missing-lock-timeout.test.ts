import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged, lintWith } from '../../../../../test/lint/rule-testing.ts'
import { missingLockTimeout as rule } from './missing-lock-timeout.ts'

const ADD = 'ALTER TABLE orders ADD COLUMN a int'

describe('missing-lock-timeout', () => {
  it('is said once a file, at the first statement that locks what is in use', () => {
    const findings = flagged(rule, `CREATE TABLE n (a int);\nUPDATE orders SET a = 1;\n${ADD};\nDROP TABLE b`)
    expect(findings.map(({ line }) => line)).toEqual([3])
    expect(findings[0]?.message).toContain('on orders waits behind it')
  })

  it.each([
    'CREATE INDEX i ON t (a)',
    'DROP TABLE t',
    'TRUNCATE t',
    'CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
    'ALTER TABLE t RENAME COLUMN a TO b',
    'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES b (id) NOT VALID',
    'CREATE TABLE n (a int REFERENCES t (id))',
    'LOCK TABLE t',
    'DO $$ BEGIN ALTER TABLE t ADD COLUMN a int; END $$',
  ])('flags %s', (sql) => expect(flagged(rule, sql)).toHaveLength(1))

  it('flags a timeout that is switched off, or set too late', () => {
    expect(flagged(rule, `SET lock_timeout = 0; ${ADD}`)).toHaveLength(1)
    expect(flagged(rule, `${ADD}; SET lock_timeout = '5s'; ALTER TABLE b ADD c int`)).toHaveLength(1)
  })

  it('passes when it is set, by SET, SET LOCAL or the database', () => {
    expect(flagged(rule, `SET lock_timeout = '5s'; ${ADD}`)).toEqual([])
    expect(flagged(rule, `BEGIN; SET LOCAL lock_timeout TO 3000; ${ADD}; COMMIT`)).toEqual([])
    const snapshot = productionOf({
      tables: [{ name: 'orders', rows: 5 }],
      settings: [{ name: 'lock_timeout', value: '2000' }],
    })
    expect(flagged(rule, ADD, { snapshot })).toEqual([])
  })

  it.each([
    'CREATE INDEX CONCURRENTLY i ON t (a)',
    'ALTER TABLE t VALIDATE CONSTRAINT c',
    'UPDATE t SET a = 1',
    'CREATE TABLE n (a int); ALTER TABLE n ADD b int',
    'ALTER TABLE t ALTER a SET STATISTICS 100',
  ])('passes %s', (sql) => expect(flagged(rule, sql)).toEqual([]))

  it('is fixed by a SET before it, LOCAL in a transaction; not where an ignore comment would lose its statement', () => {
    const inserted = (sql: string) => lintWith([rule], sql).fixes[0]?.edits[0]?.insert
    expect(inserted(`BEGIN; ${ADD}; COMMIT`)).toBe("SET LOCAL lock_timeout = '5s';\n")
    expect(inserted(`VACUUM t; ${ADD}`)).toBe("SET lock_timeout = '5s';\n")
    expect(inserted(`-- premortem-ignore drop-column: agreed\n${ADD}`)).toBeUndefined()
  })
})
