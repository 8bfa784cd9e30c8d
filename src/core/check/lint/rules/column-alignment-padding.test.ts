import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { columnAlignmentPadding } from './column-alignment-padding.ts'

describe('column-alignment-padding', () => {
  it.each([
    [
      'small columns between large ones',
      `CREATE TABLE t (a bigint, b boolean, c timestamptz, d boolean, e double precision)`,
    ],
    ['a quoted name in a schema', `CREATE TABLE "Sales"."T" (a boolean, b bigint, c smallint, d bigint, e int)`],
  ])('flags %s', (_, sql) => {
    expect(flagged(columnAlignmentPadding, sql)).toHaveLength(1)
  })

  it.each([
    ['the widest first', `CREATE TABLE t (a bigint, c timestamptz, e double precision, b boolean, d boolean)`],
    ['a few bytes', `CREATE TABLE t (a int, b bigint)`],
    ['text only', `CREATE TABLE t (a text, b text)`],
    ['a column that is added', `ALTER TABLE t ADD a boolean`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(columnAlignmentPadding, sql)).toEqual([])
  })

  it('says how many bytes a row that is, and the order that saves them', () => {
    const sql = 'CREATE TABLE t (a boolean, b bigint, c boolean, d bigint)'
    const [finding] = flagged(columnAlignmentPadding, sql)
    expect(finding?.message).toContain('14 bytes in every row')
    expect(finding?.remedy).toContain('b, d, a, c')
  })
})
