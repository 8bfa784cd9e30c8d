import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { dropForeignKey } from './drop-foreign-key.ts'

describe('drop-foreign-key', () => {
  it.each([
    ['a constraint with the name of a foreign key', `ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey`],
    ['a name that begins with fk', `ALTER TABLE payments DROP CONSTRAINT fk_order`],
    ['a quoted name in a schema', `ALTER TABLE "Sales"."Orders" DROP CONSTRAINT IF EXISTS "Orders_fkey"`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(dropForeignKey, sql)).toHaveLength(1)
  })

  it.each([
    [
      'a foreign key that is replaced in the same file',
      `ALTER TABLE payments DROP CONSTRAINT p_fkey; ALTER TABLE payments ADD CONSTRAINT p_fkey FOREIGN KEY (a) REFERENCES o (id) NOT VALID`,
    ],
    ['another constraint', `ALTER TABLE payments DROP CONSTRAINT payments_amount_check`],
    ['a table that the same file creates', `CREATE TABLE t (a int); ALTER TABLE t DROP CONSTRAINT t_a_fkey`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(dropForeignKey, sql)).toEqual([])
  })

  it('goes by what production has, whatever the name', () => {
    const snapshot = productionOf({
      schema: [
        'CREATE TABLE a (id bigint PRIMARY KEY)',
        'CREATE TABLE b (a_id bigint, n int)',
        'ALTER TABLE b ADD CONSTRAINT points_to_a FOREIGN KEY (a_id) REFERENCES a (id)',
        'ALTER TABLE b ADD CONSTRAINT looks_like_fkey CHECK (n > 0)',
      ],
      tables: [
        { name: 'a', rows: 10 },
        { name: 'b', rows: 10 },
      ],
    })
    expect(flagged(dropForeignKey, 'ALTER TABLE b DROP CONSTRAINT points_to_a', { snapshot })).toHaveLength(1)
    expect(flagged(dropForeignKey, 'ALTER TABLE b DROP CONSTRAINT looks_like_fkey', { snapshot })).toEqual([])
  })
})
