import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { foreignKeyWithoutIndex as rule } from './foreign-key-without-index.ts'

const ADD = 'ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (shop_id, customer_id) REFERENCES customers NOT VALID'
const production = (rows: number, more: readonly string[] = []) =>
  productionOf({
    schema: ['CREATE TABLE public.orders (id bigint, shop_id bigint, customer_id bigint)', ...more],
    tables: [{ name: 'orders', rows }],
  })

describe('foreign-key-without-index', () => {
  it('flags keys of new and of existing tables, and gives the index', () => {
    expect(flagged(rule, 'CREATE TABLE n (id int PRIMARY KEY, o int REFERENCES orders (id))')[0]?.remedy).toBe(
      'CREATE INDEX ON n (o).',
    )
    expect(flagged(rule, ADD)[0]?.remedy).toBe('CREATE INDEX CONCURRENTLY ON orders (shop_id, customer_id).')
    expect(flagged(rule, 'ALTER TABLE shop."O" ADD COLUMN c int REFERENCES customers (id)')).toHaveLength(1)
  })

  it('warns on a large table and notes on a small one', () => {
    expect(flagged(rule, ADD, { snapshot: production(1_000_000) })[0]?.severity).toBe('warning')
    expect(flagged(rule, ADD, { snapshot: production(1000) })[0]?.severity).toBe('note')
  })

  it('passes with an index in production, in any order of the columns and with more behind them', () => {
    const snapshot = production(10, ['CREATE INDEX i ON public.orders (customer_id, shop_id, id)'])
    expect(flagged(rule, ADD, { snapshot })).toEqual([])
  })

  it('flags an index that begins with something else, is partial, or covers too little', () => {
    for (const index of ['(id, shop_id, customer_id)', '(shop_id, customer_id) WHERE id > 5', '(shop_id)'])
      expect(
        flagged(rule, ADD, { snapshot: production(10, [`CREATE INDEX i ON public.orders ${index}`]) }),
      ).toHaveLength(1)
  })

  it('passes with an index before or after it, in the same file or an earlier one, and with a key that has one', () => {
    const index = 'CREATE INDEX CONCURRENTLY i ON orders (shop_id, customer_id)'
    expect(flagged(rule, `${index}; ${ADD}`)).toEqual([])
    expect(flagged(rule, `${ADD}; ${index}`)).toEqual([])
    expect(flagged(rule, ADD, { earlier: [index] })).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (o int PRIMARY KEY REFERENCES orders (id))')).toEqual([])
    expect(
      flagged(rule, 'CREATE TABLE n (o int, p int, UNIQUE (o, p), FOREIGN KEY (o) REFERENCES orders (id))'),
    ).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (o int REFERENCES orders (id)); ALTER TABLE n ADD PRIMARY KEY (o)')).toEqual(
      [],
    )
  })

  it('passes a key whose columns are the primary key of production', () => {
    const snapshot = productionOf({
      schema: [
        'CREATE TABLE public.profiles (user_id bigint)',
        'ALTER TABLE ONLY public.profiles ADD CONSTRAINT profiles_pkey PRIMARY KEY (user_id)',
      ],
      tables: [{ name: 'profiles', rows: 10 }],
      indexes: [{ name: 'profiles_pkey', table: 'profiles' }],
    })
    expect(
      flagged(rule, 'ALTER TABLE profiles ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID', { snapshot }),
    ).toEqual([])
  })
})
