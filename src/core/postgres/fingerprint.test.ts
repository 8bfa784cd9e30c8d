import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprintOf, fnv1a64, mayBeTruncated, normaliseSql } from './fingerprint.ts'

describe('a normalised statement', () => {
  it.each([
    ["SELECT * FROM t WHERE a = 'x' AND b = 12", 'select * from t where a = $1 and b = $2'],
    ['select\n\t1 -- one\n /* two /* nested */ */ , 2;', 'select $1, $2'],
    [
      'SELECT * FROM t WHERE a IN (1, 2,3) AND b = ANY(ARRAY[4,5])',
      'select * from t where a in ($1) and b = any (array[$2])',
    ],
    ['SELECT * FROM t WHERE a IN ($1 /*, ... */)', 'select * from t where a in ($1)'],
    ['SELECT a-1, a - 1, -1, (-1) FROM t WHERE b=-1', 'select a - $1, a - $2, $3, ($4) from t where b = $5'],
    ["SELECT 'it''s', E'a\\'b', $$x$$, $t$ $$ $t$, B'01', U&'d'", 'select $1, $2, $3, $4, $5, $6'],
    ['SELECT "Weird ""Name""", T1.Col FROM "T1"', 'select "Weird ""Name""", t1.col from "T1"'],
    ["SELECT '1'::text, now() - interval '1 day'", 'select $1::text, now() - interval $2'],
    ['SELECT 1.5e-3, .5, 0x1F, 1_000', 'select $1, $2, $3, $4'],
    ['SELECT * FROM t WHERE a IS NOT TRUE AND b = true', 'select * from t where a is not true and b = $1'],
    ['UPDATE t1 SET a = $2 WHERE id = $1', 'update t1 set a = $1 where id = $2'],
    ["SELECT 'cut off in the mid", 'select $1'],
    ['', ''],
  ])('%s', (sql, normal) => {
    expect(normaliseSql(sql)).toBe(normal)
  })

  it('is the same from the service as from pg_stat_statements', () => {
    const sent = `
      SELECT pt.id, pt.created_at AS "createdAt" FROM payment_transactions pt
      LEFT JOIN customer_data cd ON pt.customer_id = cd.id
      WHERE pt.status = 'pending' ORDER BY pt.created_at DESC LIMIT 50`
    const kept = sent.replace("'pending'", '$1').replace('50', '$2')
    expect(fingerprintOf(sent)).toBe(fingerprintOf(kept))
  })

  it('takes the field of extract for a value, as pg_stat_statements does', () => {
    const sent = 'SELECT extract(epoch FROM now() - created_at) FROM t'
    expect(normaliseSql(sent)).toBe('select extract($1 from now() - created_at) from t')
    expect(fingerprintOf(sent)).toBe(fingerprintOf(sent.replace('epoch', '$1')))
    expect(normaliseSql('SELECT a FROM extract')).toBe('select a from extract')
  })

  it('tells different statements apart', () => {
    expect(fingerprintOf('select a from t')).not.toBe(fingerprintOf('select b from t'))
    expect(fingerprintOf('select "A" from t')).not.toBe(fingerprintOf('select a from t'))
  })
})

describe('normalising', () => {
  const piece = fc.constantFrom(
    ...[
      'select',
      'SELECT',
      'a',
      '"A b"',
      't.c',
      "'x'",
      "'it''s'",
      '42',
      '-',
      '=',
      '<=',
      '(',
      ')',
      ',',
      '$3',
      '::int',
      '--c\n',
      '/*x*/',
      '*',
      'in',
      '$$q$$',
      '.',
      ';',
      'true',
      'is',
      '[',
      ']',
      "'",
      '"',
      '~',
      '1.5',
    ],
  )
  const sqls = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
    fc.string({ maxLength: 80 }),
  )

  it('twice gives the same as once', () => {
    fc.assert(
      fc.property(sqls, (sql) => {
        const once = normaliseSql(sql)
        expect(normaliseSql(once)).toBe(once)
      }),
      { numRuns: 2000 },
    )
  })

  it('does not depend on literals', () => {
    const literal = fc.oneof(
      fc.integer().map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map(String),
      fc.string({ maxLength: 20 }).map((text) => `'${text.replaceAll("'", "''")}'`),
    )
    const statement = (values: readonly string[]) =>
      `SELECT * FROM t WHERE a = ${values[0]} AND b > ${values[1]} AND c IN (${values.slice(2).join(', ')})`
    const some = fc.array(literal, { minLength: 3, maxLength: 9 })
    fc.assert(
      fc.property(some, some, (one, other) => {
        expect(fingerprintOf(statement(one))).toBe(fingerprintOf(statement(other)))
      }),
    )
  })

  it('does not depend on white space, comments or the case of keywords', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(' ', '\n', '\t', '/* c */', '-- c\n'), { minLength: 1, maxLength: 4 }),
        (gaps) => {
          const gap = gaps.join('')
          expect(normaliseSql(`Select${gap} x ${gap}From${gap} t`)).toBe('select x from t')
        },
      ),
    )
  })
})

describe('the hash', () => {
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('of %j is that of the published test vector', (text, hash) => {
    expect(fnv1a64(text)).toBe(hash)
  })
})

describe('a text of pg_stat_activity', () => {
  it('may be cut off from 1,023 bytes on, whatever the characters', () => {
    expect(mayBeTruncated('x'.repeat(1022))).toBe(false)
    expect(mayBeTruncated('x'.repeat(1023))).toBe(true)
    expect(mayBeTruncated('ä'.repeat(512))).toBe(true)
  })
})
