import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokens, UnterminatedSql } from './scan.ts'
import { lineAt, splitSql } from './split.ts'

const sqls = (text: string) => splitSql(text).map(({ sql }) => sql)
const lines = (text: string) => splitSql(text).map(({ line }) => line)

describe('a file of SQL', () => {
  it('is cut at its semicolons, with the line on which each statement begins', () => {
    const text =
      '-- a heading; with a semicolon\n\nDROP INDEX a;\n\n/* why;\n */ CREATE INDEX b\n  ON t (x) ; ;\nSELECT 1'
    expect(sqls(text)).toEqual(['DROP INDEX a', 'CREATE INDEX b\n  ON t (x)', 'SELECT 1'])
    expect(lines(text)).toEqual([3, 6, 8])
  })

  it.each([
    ['a string with a doubled quote', "SELECT 'it''s; fine'"],
    ['a string whose backslash is a backslash', String.raw`SELECT 'C:\'`],
    ['an escape string', String.raw`SELECT E'it\'s; fine \\'`],
    ['an escape string that goes on in the next line', "SELECT E'a'\n  'it\\'s; b'"],
    ['an escape string that goes on behind a comment', "SELECT E'a' -- b\n 'it\\'s; b'"],
    ['a unicode string', String.raw`SELECT U&'\0041;'`],
    ['a bit string', "SELECT B'10', X'1F', N'a;b'"],
    ['a quoted name', 'SELECT 1 AS "a;""b"'],
    ['a unicode name', 'SELECT 1 AS U&"a;b"'],
    ['a dollar quote', 'DO $$ BEGIN PERFORM 1; END; $$'],
    ['a dollar quote within another', 'DO $a$ BEGIN EXECUTE $b$ SELECT 1; $$ ; $$ $b$; END $a$'],
    ['a dollar tag with accents', 'SELECT $é1$ ; $é1$'],
    ['comments within comments', 'SELECT /* a; /* b; */ c; */ 1'],
    ['a comment at the end of a line', 'SELECT 1 -- one; two\n + 1'],
    ['a name with dollars', 'SELECT a$b$ FROM t WHERE c$b$ = 1'],
    ['parameters', 'SELECT $1, $2'],
    ['parentheses, as in a rule', 'CREATE RULE r AS ON DELETE TO t DO (SELECT 1; SELECT 2)'],
    [
      'a body in standard SQL',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END',
    ],
    ['a procedure, replaced', 'CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END'],
  ])('keeps %s in one piece', (_what, statement) => {
    expect(sqls(`${statement};\nSELECT 2;`)).toEqual([statement, 'SELECT 2'])
  })

  it('knows BEGIN as a transaction outside of routines', () => {
    expect(sqls('BEGIN; CREATE TABLE t (x int); END;')).toEqual(['BEGIN', 'CREATE TABLE t (x int)', 'END'])
    expect(sqls('CREATE TABLE begin_case (x int); SELECT 1')).toHaveLength(2)
  })

  it('tells the words that count, and not those in quotes and comments', () => {
    const [statement] = splitSql(`CREATE /* CONCURRENTLY */ INDEX "concurrently" ON t (x) WHERE s = 'CONCURRENTLY'`)
    expect(statement?.words).toEqual(['create', 'index', 'on', 't', 'x', 'where', 's'])
  })

  it.each([
    ["SELECT 1;\nSELECT 'open", 2],
    ['\n\nSELECT "open', 3],
    ['DO $x$ BEGIN $y$', 1],
    ['SELECT 1 /* open /* closed */', 1],
  ])('says where a quote begins that never ends: %s', (text, line) => {
    let at = -1
    try {
      splitSql(text)
    } catch (error) {
      if (!(error instanceof UnterminatedSql)) throw error
      at = error.at
    }
    expect(lineAt(text, at)).toBe(line)
  })

  it('is nothing when it holds only comments', () => {
    expect(splitSql('-- nothing\n/* at all */ ;;\n')).toEqual([])
    expect(splitSql('')).toEqual([])
  })
})

describe('any file of SQL', () => {
  const inner = fc.stringMatching(/^[a-z;'"\\$\n /*-]{0,12}$/)
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/)
  /** Pieces that are whole whatever stands in them. */
  const piece = fc.oneof(
    name,
    fc.integer({ min: 0, max: 999 }).map(String),
    fc.constantFrom('=', '(1; 2)', '$1', ','),
    inner.map((text) => `'${text.replaceAll("'", "''")}'`),
    inner.map((text) => `"x${text.replaceAll('"', '""')}"`),
    inner.map((text) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
    fc.tuple(name, inner).map(([tag, text]) => `$${tag}$${text.replaceAll('$', '')}$${tag}$`),
    inner.map((text) => `/* ${text.replaceAll(/[/*]/g, '')} */`),
    // With an operator behind it, or a string before it would go on in a string after it.
    inner.map((text) => `-- ${text.replaceAll('\n', '')}\n=`),
  )
  const statement = fc.tuple(name, fc.array(piece, { maxLength: 6 })).map(([first, rest]) => [first, ...rest].join(' '))

  /** White space and comments at the end do not belong to a statement. */
  const trimmed = (text: string) => {
    const last = [...tokens(text)].filter(({ kind }) => kind !== 'blank').at(-1)
    return text.slice(0, last?.end)
  }

  it('is cut into exactly the statements that it was put together from, each with its line', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 6 }), (statements) => {
        let text = ''
        const expected = statements.map((sql) => {
          const line = text.split('\n').length
          text += `${sql};\n`
          return { sql: trimmed(sql), line }
        })
        expect(splitSql(text).map(({ sql, line }) => ({ sql, line }))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('is, token by token, the text itself, or names a place within it', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
      inner,
    )
    fc.assert(
      fc.property(anything, (text) => {
        try {
          expect([...tokens(text)].map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
        } catch (error) {
          if (!(error instanceof UnterminatedSql)) throw error
          expect(error.at).toBeLessThan(text.length)
        }
      }),
      { numRuns: 500 },
    )
  })
})
