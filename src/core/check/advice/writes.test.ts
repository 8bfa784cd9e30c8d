import { describe, expect, it } from 'vitest'
import type { WorkloadQuery } from '../snapshot.ts'
import { proposedName } from './name.ts'
import { writeCost, writesOf } from './writes.ts'

const query = (text: string, callsPerMinute: number | null = 10): WorkloadQuery => ({
  fingerprint: text,
  text,
  name: null,
  callsPerMinute,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
})

describe('the writes of a statement', () => {
  it.each([
    ['INSERT INTO app.t (a) VALUES ($1)', ['insert t ']],
    ['UPDATE ONLY t SET a = $1, b = f(x, y) WHERE c = $2', ['update t a,b']],
    ['UPDATE t SET (a, b) = ($1, $2)', ['update t a,b']],
    ['DELETE FROM "T" WHERE a = $1', ['delete T ']],
    ['WITH gone AS (DELETE FROM t RETURNING a) INSERT INTO u SELECT a FROM gone', ['delete t ', 'insert u ']],
    ['SELECT * FROM t FOR UPDATE', []],
    ['SELECT * FROM t FOR NO KEY UPDATE', []],
    ['SELECT 1', []],
  ])('%s', (text, expected) => {
    expect(writesOf(query(text)).map((one) => `${one.kind} ${one.table} ${one.columns.join()}`)).toEqual(expected)
  })
})

describe('what an index costs the writers of its table', () => {
  const workload = [
    query('INSERT INTO t (a) VALUES ($1)', 100),
    query('UPDATE t SET a = $1', 30),
    query('UPDATE t SET z = $1', 7),
    query('DELETE FROM t WHERE a = $1', 3),
    query('INSERT INTO other (a) VALUES ($1)', 1000),
  ]
  it('is every insert, and the updates that set one of its columns', () => {
    expect(writeCost(workload, { table: 't', columns: ['a'], indexed: new Set() })).toEqual({
      perMinute: 130,
      hotLost: ['a'],
    })
    expect(writeCost(workload, { table: 't', columns: ['a'], indexed: new Set(['a']) }).hotLost).toEqual([])
  })
  it('is not known when nobody counted', () => {
    const uncounted = workload.map((one) => ({ ...one, callsPerMinute: null }))
    expect(writeCost(uncounted, { table: 't', columns: ['a'], indexed: new Set() }).perMinute).toBeNull()
  })
})

describe('the name of a proposed index', () => {
  const name = (columns: readonly string[], taken: readonly string[] = []) =>
    proposedName({ table: 'orders', columns, partial: false }, new Set(taken))
  it('says what it is on, fits 63 bytes, and is nobody else’s', () => {
    expect(name(['a', 'b'])).toBe('idx_orders_a_b')
    expect(name(['a'], ['idx_orders_a'])).toBe('idx_orders_a_2')
    const long = name(Array.from({ length: 20 }, (_, at) => `column_${at}`))
    expect(long).toHaveLength(63)
    expect(
      name(
        Array.from({ length: 20 }, (_, at) => `column_${at}`),
        [long],
      ),
    ).toHaveLength(63)
  })
})
