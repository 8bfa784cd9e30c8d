import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { reindexWithoutConcurrently as rule } from './reindex-without-concurrently.ts'

describe('reindex-without-concurrently', () => {
  it('flags tables, indexes, schemas and databases', () => {
    for (const what of ['TABLE t', 'INDEX shop.i', 'SCHEMA public', 'DATABASE app', 'TABLE "T"'])
      expect(flagged(rule, `REINDEX ${what}`)).toHaveLength(1)
  })

  it('flags CONCURRENTLY that is switched off', () => {
    expect(flagged(rule, 'REINDEX (CONCURRENTLY false) TABLE t')).toHaveLength(1)
  })

  it('passes CONCURRENTLY, system catalogs and new tables', () => {
    expect(flagged(rule, 'REINDEX TABLE CONCURRENTLY t')).toEqual([])
    expect(flagged(rule, 'REINDEX (CONCURRENTLY, VERBOSE) INDEX i')).toEqual([])
    expect(flagged(rule, 'REINDEX SYSTEM app')).toEqual([])
    expect(flagged(rule, 'CREATE TABLE n (id int PRIMARY KEY); REINDEX TABLE n')).toEqual([])
  })
})
