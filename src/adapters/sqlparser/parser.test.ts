import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadSqlParser, MAX_STATEMENT_CHARACTERS } from './parser.ts'

const parser = await loadSqlParser()
const parse = (text: string) => parser.parse(text)
const sqls = (text: string) => parse(text).statements.map(({ sql }) => sql)
const kinds = (text: string) => parse(text).statements.map(({ node }) => (node === null ? null : Object.keys(node)[0]))
const remarks = (text: string) => parse(text).remarks.map(({ line, message }) => `${line}: ${message}`)

/** As Flyway writes its variables. */
const inBraces = (name: string) => `$\{${name}}`

/** All offsets in a tree. */
function locations(value: unknown, found: number[] = []): readonly number[] {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, one] of Object.entries(value)) {
    if (key === 'location' && typeof one === 'number') found.push(one)
    else locations(one, found)
  }
  return found
}

describe('a file of SQL', () => {
  it('is read statement by statement, each with its place in the file', () => {
    const text = '-- é\nSELECT 1;\n\n  DROP TABLE "ü";'
    const places = parse(text).statements.map(({ sql, offset, line }) => ({
      sql,
      line,
      there: text.startsWith(sql, offset),
    }))
    expect(places).toEqual([
      { sql: 'SELECT 1', line: 2, there: true },
      { sql: 'DROP TABLE "ü"', line: 4, there: true },
    ])
  })

  it('keeps its other statements when one is broken, and says where it breaks', () => {
    const text = "SELECT 'é😀' FRM x y;\nSELECT 2"
    const [broken, fine] = parse(text).statements
    expect(broken?.node).toBeNull()
    expect(broken?.problem?.message).toBe('syntax error at or near "x"')
    expect(text.slice(broken?.problem?.offset, (broken?.problem?.offset ?? 0) + 3)).toBe('x y')
    expect(fine?.node).not.toBeNull()
  })

  it('keeps what stands before a quote that never ends', () => {
    const text = "DROP TABLE a;\nINSERT INTO b\nVALUES ('c"
    const [first, second] = parse(text).statements
    expect([first?.sql, first?.problem, second?.sql]).toEqual(['DROP TABLE a', null, "INSERT INTO b\nVALUES ('c"])
    expect(second?.problem).toEqual({ message: 'a string is never closed', offset: text.indexOf("'c") })
  })

  it('has locations in UTF-16 units, whatever stands before them', () => {
    const sql = `ALTER TABLE "😀é" ADD COLUMN b text DEFAULT 'ü😀' CHECK (b <> '')`
    const node = parse(sql).statements[0]?.node
    const starts = locations(node).map((at) => /^\W?\w*/.exec(sql.slice(at))?.[0])
    expect(starts).toEqual(expect.arrayContaining(['DEFAULT', 'CHECK', 'text', 'b']))
  })

  it('does not look into a statement that is data by its size, and says so', () => {
    const values = Array.from({ length: MAX_STATEMENT_CHARACTERS / 5 }, () => '(1),').join('\n')
    const { statements, remarks: told } = parse(`INSERT INTO a VALUES ${values} (1); DROP TABLE b`)
    expect(statements.map(({ node, problem }) => [node === null, problem])).toEqual([
      [true, null],
      [false, null],
    ])
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The statement INSERT INTO has 1\.\d million/),
    ])
  })

  it('never fails, whatever the text; statements are where they say, in order', () => {
    const pieces = [
      "'",
      '"',
      '$$',
      '--',
      '/*',
      '*/',
      ';',
      '\n',
      '\\',
      ':x',
      'DO $$ begin ',
      'end $$',
      'select 1',
      'é😀',
      '(',
      ')',
      'COPY a FROM stdin;',
      '\\.',
      inBraces('a'),
      'execute ',
    ]
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' }))), (parts) => {
        const text = parts.join(' ')
        const lines = text.split('\n').length
        for (const { sql, offset, line, problem, node, origin } of parse(text).statements) {
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(offset).toBeLessThanOrEqual(text.length)
          expect(line).toBeLessThanOrEqual(lines)
          if (origin === 'file') expect(text.slice(offset, offset + 1)).toBe(sql.slice(0, 1))
          if (problem !== null) expect(problem.offset).toBeLessThanOrEqual(text.length)
          for (const at of locations(node)) expect(at).toBeLessThanOrEqual(sql.length)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('what only psql knows', () => {
  it('is told and left out: meta-commands, and the data of COPY', () => {
    const text =
      "\\set ON_ERROR_STOP on\nCOPY a (b) FROM stdin;\n1\tfoo'\n2\t;bar\n\\.\nDROP TABLE c;\nSELECT 1 \\gset\nSELECT 2"
    expect(sqls(text)).toEqual(['COPY a (b) FROM stdin', 'DROP TABLE c', 'SELECT 1', 'SELECT 2'])
    expect(parse(text).statements.map(({ line }) => line)).toEqual([2, 6, 7, 8])
    expect(remarks(text)).toEqual([
      expect.stringMatching(/^1: \\set is a command of psql/),
      expect.stringMatching(/^2: COPY … FROM stdin with 2 lines/),
      expect.stringMatching(/^7: \\gset/),
    ])
  })

  it('is not seen in a string', () => {
    expect(sqls("SELECT '\n\\connect x'")).toEqual(["SELECT '\n\\connect x'"])
    expect(remarks("SELECT '\n\\connect x'")).toEqual([])
  })

  it.each([
    ["ALTER TABLE :tab ADD COLUMN a text DEFAULT :'v'", [":tab, :'v' stand for things that are"]],
    [`ALTER TABLE ${inBraces('schema')}.a ADD COLUMN b int`, [`${inBraces('schema')} stands for something that is`]],
    [
      `ALTER TABLE "${inBraces('flyway:defaultSchema')}".a ADD COLUMN :"b" int`,
      [`${inBraces('flyway:defaultSchema')} stands for something that is`, ':"b" stands for something that is'],
    ],
  ])('variables are told and the statement is read around them: %s', (sql, told) => {
    expect(kinds(sql)).toEqual(['AlterTableStmt'])
    expect(sqls(sql)).toEqual([sql])
    expect(remarks(sql)).toEqual(
      told.map((one) => `1: ${one} filled in later, and ${one.includes(' stand for ') ? 'are' : 'is'} not known here.`),
    )
  })

  it('variables are told once a file and kind, with the number of statements that have them', () => {
    const sql = 'DROP TABLE :a;\nDROP TABLE :b;\nDROP TABLE :a, :c, :d;\nSELECT 1'
    expect(remarks(sql)).toEqual([
      '1: :a, :b, :c and 1 more stand for things that are filled in later, and are not known here; ' +
        '3 statements of the file have one of them.',
    ])
  })

  it('is not seen in casts and slices', () => {
    expect(remarks('SELECT a::text, b[1:n], c[:n] FROM d')).toEqual([])
  })
})
