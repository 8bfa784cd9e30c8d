import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { columnTypeChange as rule } from './column-type-change.ts'

const production = (columns: string, more: readonly string[] = []) =>
  productionOf({
    schema: [`CREATE TABLE public.orders (${columns})`, ...more],
    tables: [{ name: 'orders', rows: 50_000_000 }],
  })

const change = (from: string, to: string) =>
  flagged(rule, `ALTER TABLE orders ALTER COLUMN a TYPE ${to}`, { snapshot: production(`a ${from}`) })

describe('column-type-change', () => {
  it.each([
    ['integer', 'bigint'],
    ['varchar(80)', 'varchar(40)'],
    ['text', 'varchar(40)'],
    ['numeric(10,2)', 'numeric(12,4)'],
    ['json', 'jsonb'],
    ['varchar(40)', 'text USING upper(a)'],
    ['text[]', 'varchar[]'],
  ])('flags %s to %s as a rewrite', (from, to) => {
    const [finding] = change(from, to)
    expect(finding?.message).toContain('writes the whole table and its indexes anew')
    expect(finding?.severity).toBe('error')
  })

  it.each([
    ['varchar(40)', 'varchar(80)'],
    ['varchar(40)', 'text'],
    ['text', 'varchar'],
    ['numeric(10,2)', 'numeric(12,2)'],
    ['timestamp(3)', 'timestamp'],
    ['cidr', 'inet'],
    ['varchar(40)', 'text USING a::text'],
    ['integer', 'integer'],
  ])('passes %s to %s', (from, to) => expect(change(from, to)).toEqual([]))

  it('says on what timestamp to timestamptz depends', () => {
    expect(change('timestamp', 'timestamptz')[0]?.message).toContain('TimeZone is UTC')
  })

  it('warns and says so where the old type is not known', () => {
    const [finding] = flagged(rule, 'ALTER TABLE orders ALTER COLUMN a TYPE text')
    expect(finding?.severity).toBe('warning')
    expect(finding?.message).toContain('the old type is not known here')
  })

  it('is sure where no old type could be free, whatever it is', () => {
    expect(flagged(rule, 'ALTER TABLE shop."O" ALTER "A" SET DATA TYPE bigint')[0]?.severity).toBe('error')
  })

  it('knows the type from an earlier file', () => {
    const earlier = ['ALTER TABLE orders ADD COLUMN a varchar(10)']
    expect(flagged(rule, 'ALTER TABLE orders ALTER COLUMN a TYPE varchar(20)', { earlier })).toEqual([])
  })

  it('flags indexes that are built anew and CHECKs that are tested again', () => {
    const snapshot = production("a text, b varchar(9), CONSTRAINT c CHECK ((b <> ''))", [
      'CREATE INDEX i ON public.orders (a)',
    ])
    const sql = 'ALTER TABLE orders ALTER a TYPE citext, ALTER b TYPE text'
    const messages = flagged(rule, sql, { snapshot }).map(({ message }) => message)
    expect(messages[0]).toContain('builds i anew')
    expect(messages[1]).toContain('tests c on every row again')
  })

  it('passes new tables', () => {
    expect(flagged(rule, 'CREATE TABLE orders (a int); ALTER TABLE orders ALTER a TYPE bigint')).toEqual([])
  })
})
