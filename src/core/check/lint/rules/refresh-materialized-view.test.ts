import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../../test/lint/fixed.ts'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { refreshMaterializedView } from './refresh-materialized-view.ts'

describe('refresh-materialized-view', () => {
  it.each([
    ['an existing view', `REFRESH MATERIALIZED VIEW totals`],
    ['a quoted name in a schema', `REFRESH MATERIALIZED VIEW "Sales"."Totals"`],
    ['a view that is emptied', `REFRESH MATERIALIZED VIEW totals WITH NO DATA`],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  REFRESH MATERIALIZED VIEW totals;
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(refreshMaterializedView, sql)).toHaveLength(1)
  })

  it.each([
    ['CONCURRENTLY', `REFRESH MATERIALIZED VIEW CONCURRENTLY totals`],
    [
      'a view that the same file creates',
      `CREATE MATERIALIZED VIEW v AS SELECT 1 AS a WITH NO DATA; REFRESH MATERIALIZED VIEW v`,
    ],
    ['a view that is only read', `SELECT * FROM totals`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(refreshMaterializedView, sql)).toEqual([])
  })

  it('is fixed only where the view is known to have a unique index', () => {
    const sql = 'REFRESH MATERIALIZED VIEW totals;'
    const schema = ['CREATE MATERIALIZED VIEW totals AS SELECT 1 AS day']
    const key = 'CREATE UNIQUE INDEX totals_day_idx ON totals (day)'
    expect(fixed(refreshMaterializedView, sql, { snapshot: productionOf({ schema }) })).toBe(sql)
    expect(fixed(refreshMaterializedView, sql, { snapshot: productionOf({ schema: [...schema, key] }) })).toBe(
      'REFRESH MATERIALIZED VIEW CONCURRENTLY totals;',
    )
  })
})
