import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnsIn, parseIndexDefinition } from './index-definition.ts'

describe('an index definition', () => {
  it('with everything', () => {
    const definition =
      'CREATE UNIQUE INDEX "Weird Index" ON ONLY shop."Payment, Rows" USING btree (lower(email) text_pattern_ops, "Created At" DESC NULLS LAST, status COLLATE "C") INCLUDE (amount, "x""y") NULLS NOT DISTINCT WITH (fillfactor=\'70\') WHERE ((status)::text = \'pending\'::text AND deleted_at IS NULL)'
    expect(parseIndexDefinition(definition)).toEqual({
      name: 'Weird Index',
      table: 'Payment, Rows',
      unique: true,
      method: 'btree',
      keys: [
        { column: null, columns: ['email'] },
        { column: 'Created At', columns: ['Created At'] },
        { column: 'status', columns: ['status'] },
      ],
      include: ['amount', 'x"y'],
      predicateColumns: ['status', 'deleted_at'],
    })
  })

  it('as a migration writes it', () => {
    expect(parseIndexDefinition('CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (created_at)')).toMatchObject({
      name: 'i',
      table: 't',
      method: 'btree',
      keys: [{ column: 'created_at' }],
    })
  })

  it.each(['', 'DROP INDEX i', 'CREATE TABLE t (a int)', 'create index', 'CREATE INDEX i ON t'])(
    '%j is none',
    (text) => {
      expect(parseIndexDefinition(text)).toBeNull()
    },
  )

  it('is read back from whatever it was built of', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/).map((text) => `${text}_x`)
    const quoted = fc.string({ minLength: 1, maxLength: 10 }).filter((text) => !text.includes('\0'))
    const identifier = fc.oneof(
      name.map((text) => ({ text, sql: text })),
      quoted.map((text) => ({ text, sql: `"${text.replaceAll('"', '""')}"` })),
    )
    const order = fc.constantFrom('', ' DESC', ' DESC NULLS LAST', ' text_pattern_ops', ' COLLATE "C"')
    const columns = fc.array(fc.tuple(identifier, order), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.tuple(identifier, identifier), columns, fc.option(identifier), ([index, table], keys, partial) => {
        const list = keys.map(([column, suffix]) => column.sql + suffix).join(', ')
        const where = partial === null ? '' : ` WHERE (${partial.sql} = 'x'::text)`
        const parsed = parseIndexDefinition(
          `CREATE INDEX ${index.sql} ON public.${table.sql} USING gist (${list})${where}`,
        )
        expect(parsed).toEqual({
          name: index.text,
          table: table.text,
          unique: false,
          method: 'gist',
          keys: keys.map(([column]) => ({ column: column.text, columns: [column.text] })),
          include: [],
          predicateColumns: partial === null ? [] : [partial.text],
        })
      }),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseIndexDefinition(`CREATE INDEX i ON ${text}`)))
  })
})

describe('columns in a condition', () => {
  it('are those of the table alone, without functions, types and keywords', () => {
    const condition = "((pt.status)::text = 'pending'::text) AND (lower(cd.name) = 'x'::text) AND (amount IS NOT NULL)"
    expect(columnsIn(condition, ['pt', 'payment_transactions'])).toEqual(['status', 'amount'])
    expect(columnsIn(condition)).toEqual(['status', 'name', 'amount'])
  })
})
