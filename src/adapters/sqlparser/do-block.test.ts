import { describe, expect, it } from 'vitest'
import { loadSqlParser } from './parser.ts'

const parser = await loadSqlParser()
const inner = (text: string) => parser.parse(text).statements.filter(({ origin }) => origin === 'do-block')
const found = (text: string) => inner(text).map(({ sql, node }) => [sql, node === null ? null : Object.keys(node)[0]])
const remarks = (text: string) => parser.parse(text).remarks.map(({ line, message }) => `${line}: ${message}`)

const BLOCK = `DO $body$
DECLARE r record; n int := 0;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_class) THEN
    ALTER TABLE a ADD b int;
  ELSIF CASE WHEN true THEN false END THEN DROP TABLE k;
  ELSE
    UPDATE a SET b = 1 RETURNING b INTO n;
  END IF;
  SELECT count(*) INTO STRICT n FROM a;
  <<outer>>
  FOR r IN SELECT * FROM q LOOP
    PERFORM pg_notify('a', 'b');
  END LOOP outer;
EXCEPTION WHEN duplicate_object THEN NULL; WHEN OTHERS THEN CREATE INDEX i ON a (b);
END $body$`

describe('a DO block', () => {
  it('is looked into: whatever branch it stands in, a statement counts', () => {
    expect(found(BLOCK)).toEqual([
      ['ALTER TABLE a ADD b int', 'AlterTableStmt'],
      ['DROP TABLE k', 'DropStmt'],
      ['UPDATE a SET b = 1 RETURNING b INTO n', 'UpdateStmt'],
      ['SELECT count(*) INTO STRICT n FROM a', 'SelectStmt'],
      ["PERFORM pg_notify('a', 'b')", 'SelectStmt'],
      ['CREATE INDEX i ON a (b)', 'IndexStmt'],
    ])
  })

  it('tells where its statements stand in the file', () => {
    const text = `-- first\n${BLOCK};\nSELECT 1`
    for (const { sql, offset, line } of inner(text)) {
      expect(text.startsWith(sql, offset)).toBe(true)
      expect(text.split('\n')[line - 1]).toContain(sql)
    }
  })

  it('reads INTO as a variable, not as a new table', () => {
    const node = inner('DO $$ BEGIN SELECT 1 INTO a.b, c FROM d; END $$')[0]?.node
    expect(node !== null && node !== undefined && 'SelectStmt' in node && node.SelectStmt.intoClause).toBeUndefined()
    expect(found('DO $$ BEGIN INSERT INTO a VALUES (1); END $$')).toEqual([['INSERT INTO a VALUES (1)', 'InsertStmt']])
  })

  it.each([
    ["EXECUTE 'DROP INDEX i'", ['DROP INDEX i']],
    ["EXECUTE 'COMMENT ON TABLE a IS ''it'''", ["COMMENT ON TABLE a IS 'it'"]],
    ['EXECUTE $q$DROP INDEX i; DROP INDEX j$q$ USING 1', ['DROP INDEX i', 'DROP INDEX j']],
  ])('sees what EXECUTE runs where it is written out: %s', (execute, expected) => {
    expect(inner(`DO $$ BEGIN ${execute}; END $$`).map(({ sql }) => sql)).toEqual(expected)
  })

  it.each(["EXECUTE 'DROP INDEX ' || i", "EXECUTE format('DROP TABLE %I', t)", 'EXECUTE statement'])(
    'says that it cannot see SQL that is put together: %s',
    (execute) => {
      expect(remarks(`DO $$\nBEGIN\n ${execute}; END $$`)).toEqual([expect.stringMatching(/^3: EXECUTE runs SQL/)])
    },
  )

  it('is looked into within another, and in plain quotes', () => {
    expect(found('DO $a$ BEGIN DO $b$ BEGIN DROP TABLE x; END $b$; END $a$').at(-1)).toEqual([
      'DROP TABLE x',
      'DropStmt',
    ])
    expect(found("DO 'BEGIN DROP TABLE x; END'")).toEqual([['DROP TABLE x', 'DropStmt']])
  })

  it('says why when it is not looked into', () => {
    expect(remarks("DO 'BEGIN PERFORM ''x''; END'")).toEqual([expect.stringContaining('escaped quotes')])
    expect(remarks('DO LANGUAGE plperl $$ drop table x; $$')).toEqual([expect.stringContaining('another language')])
    expect(remarks("DO $$ BEGIN PERFORM 'x; END $$")).toEqual([expect.stringContaining('a string is never closed')])
  })

  it('leaves the bodies of functions alone: they are not run', () => {
    expect(inner('CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE x; END $$')).toEqual([])
  })
})
