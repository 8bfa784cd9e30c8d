import { describe, expect, it } from 'vitest'
import { explainable, maybeCut } from './statement-text.ts'

describe('a statement that is to be explained', () => {
  it.each([
    'SELECT 1',
    ' -- why\n (SELECT 1) UNION (SELECT 2);',
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'INSERT INTO t VALUES ($1)',
    'UPDATE t SET x = 1',
    'DELETE FROM t',
    'MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE',
    "SELECT ';', $$;$$",
  ])('may be %s', (text) => expect(explainable(text).ok).toBe(true))

  it.each([
    ['', 'the text is empty'],
    ['-- nothing', 'the text is empty'],
    ['SELECT 1; DROP TABLE t', 'the text holds 2 statements'],
    ['DROP TABLE t', 'only queries and changes of rows have plans, and this is DROP'],
    ['ANALYZE SELECT 1', 'only queries and changes of rows have plans, and this is ANALYZE'],
    ['EXPLAIN ANALYZE DELETE FROM t', 'only queries and changes of rows have plans, and this is EXPLAIN'],
    ['ANALYSE DELETE FROM t', 'only queries and changes of rows have plans, and this is ANALYSE'],
    ['(ANALYZE) DELETE FROM t', 'only queries and changes of rows have plans, and this is ANALYZE'],
    ["SELECT * FROM t WHERE name = 'cut off he", 'the text is cut off: a string is never closed'],
    ['CREATE TABLE x AS SELECT 1', 'only queries and changes of rows have plans, and this is CREATE'],
    ['CALL p()', 'only queries and changes of rows have plans, and this is CALL'],
  ])('is never %j', (text, reason) => expect(explainable(text)).toEqual({ ok: false, reason }))

  it('is known to have parameters only where they are parameters', () => {
    const parameters = (text: string) => {
      const found = explainable(text)
      return found.ok ? found.parameters : found.reason
    }
    expect(parameters('SELECT $2, $11, $1')).toBe(11)
    expect(parameters("SELECT '$1', a$1 FROM t -- $1")).toBe(0)
    expect(parameters('SELECT $65536')).toBe('no statement can have 65536 parameters')
  })

  it('has its typed constants back as casts, which normalising had made unreadable', () => {
    const sqlOf = (text: string) => {
      const found = explainable(text)
      return found.ok ? found.sql : found.reason
    }
    expect(sqlOf('SELECT now() - interval $1, DATE $2')).toBe('SELECT now() - $1::interval, $2::DATE')
    expect(sqlOf('SELECT timestamp with time zone $1 < x')).toBe('SELECT $1::timestamp with time zone < x')
    expect(sqlOf('SELECT x AT TIME ZONE $1, "date" FROM t LIMIT $2')).toBe(
      'SELECT x AT TIME ZONE $1, "date" FROM t LIMIT $2',
    )
    expect(sqlOf("SELECT 'interval $1'")).toBe("SELECT 'interval $1'")
  })
})

describe('a text of pg_stat_activity', () => {
  it('may be cut off when it is as long as can be, counted in bytes', () => {
    expect(maybeCut('x'.repeat(1022), 1024)).toBe(false)
    expect(maybeCut('x'.repeat(1023), 1024)).toBe(true)
    expect(maybeCut('x'.repeat(1024), 1024)).toBe(false)
    expect(maybeCut(`${'x'.repeat(1017)}€`, 1024)).toBe(true)
    expect(maybeCut(`${'x'.repeat(1000)}€`, 1024)).toBe(false)
  })
})
