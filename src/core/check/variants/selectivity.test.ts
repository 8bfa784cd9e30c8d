import type { Node } from '@pgsql/types'
import { describe, expect, it } from 'vitest'
import { loadSqlParser } from '../../../adapters/sqlparser/parser.ts'
import type { ColumnStatistics } from '../snapshot.ts'
import { shareOfRows } from './selectivity.ts'

const parser = await loadSqlParser()

function whereOf(condition: string): Node | undefined {
  const node = parser.parse(`delete from t where ${condition}`).statements[0]?.node
  return node != null && 'DeleteStmt' in node ? node.DeleteStmt.whereClause : undefined
}

const column = (name: string, extra: Partial<ColumnStatistics>): ColumnStatistics => ({
  column: name,
  inherited: false,
  nullFrac: 0,
  avgWidth: 4,
  nDistinct: -1,
  correlation: 1,
  mostCommonVals: null,
  mostCommonFreqs: null,
  histogramBounds: null,
  mostCommonElems: null,
  mostCommonElemFreqs: null,
  elemCountHistogram: null,
  rangeLengthHistogram: null,
  rangeEmptyFrac: null,
  rangeBoundsHistogram: null,
  low: null,
  high: null,
  ...extra,
})
const columns = [
  column('id', {}),
  column('status', { nullFrac: 0.1, nDistinct: 12, mostCommonVals: '{done,open}', mostCommonFreqs: [0.6, 0.2] }),
]

describe('the share of rows that a condition takes', () => {
  it.each([
    ["status = 'done'", 0.6],
    ["'open' = status", 0.2],
    ["status in ('done', 'open')", 0.8],
    ["status <> 'done'", 0.3],
    ["status = 'rare'", 0.01],
    ['status is null', 0.1],
    ['status is not null', 0.9],
    ["not (status = 'done')", 0.4],
    ["status = 'done' and status is not null", 0.54],
    ["status = 'done' or status = 'open'", 0.68],
    ['id = 5', 0],
    ['added_by_the_change is null', 1],
    ['unknown = 3', 0.005],
    ['id > 5', 1 / 3],
    ['exists (select 1)', 1 / 3],
  ])('%s', (condition, share) => {
    expect(shareOfRows(whereOf(condition), columns)).toBeCloseTo(share, 6)
  })

  it('is all without one', () => {
    expect(shareOfRows(undefined, columns)).toBe(1)
  })
})
