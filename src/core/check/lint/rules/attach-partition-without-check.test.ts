import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../../test/lint/production.ts'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { attachPartitionWithoutCheck as rule } from './attach-partition-without-check.ts'

const ATTACH = 'ALTER TABLE events ATTACH PARTITION e2 FOR VALUES IN (2)'

describe('attach-partition-without-check', () => {
  it('flags a table that must be read', () => {
    expect(flagged(rule, ATTACH)[0]?.message).toContain('reads all rows of e2')
  })

  it('flags a CHECK that is not validated', () => {
    expect(flagged(rule, `ALTER TABLE e2 ADD CONSTRAINT c CHECK (kind = 2) NOT VALID; ${ATTACH}`)).toHaveLength(1)
  })

  it('passes a validated CHECK, of the migration or of production', () => {
    const added = 'ALTER TABLE e2 ADD CONSTRAINT c CHECK (kind = 2) NOT VALID; ALTER TABLE e2 VALIDATE CONSTRAINT c;'
    expect(flagged(rule, `${added} ${ATTACH}`)).toEqual([])
    const snapshot = productionOf({
      schema: ['CREATE TABLE public.e2 (kind int, CONSTRAINT c CHECK (kind = 2))'],
      tables: [{ name: 'e2', rows: 9_000_000 }],
    })
    expect(flagged(rule, ATTACH, { snapshot })).toEqual([])
  })

  it('passes a new table', () => {
    expect(flagged(rule, `CREATE TABLE e2 (kind int); ${ATTACH}`)).toEqual([])
  })
})
