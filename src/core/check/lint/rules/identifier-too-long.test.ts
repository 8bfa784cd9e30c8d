import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { identifierTooLong } from './identifier-too-long.ts'

describe('identifier-too-long', () => {
  it.each([
    ['64 bytes', `CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (a int)`],
    ['32 letters of two bytes', `CREATE TABLE üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü (a int)`],
    [
      'a quoted name in a schema',
      `ALTER TABLE public."aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" ADD a int`,
    ],
    [
      'a statement within a DO block',
      `DO $$ BEGIN
  CREATE INDEX aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ON t (a);
END $$`,
    ],
  ])('flags %s', (_, sql) => {
    expect(flagged(identifierTooLong, sql)).toHaveLength(1)
  })

  it.each([
    ['63 bytes', `CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (a int)`],
    [
      'a quoted name of 63 bytes with quotes in it',
      `CREATE TABLE """""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" (a int)`,
    ],
    ['a long string', `SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'`],
    ['a long comment', `SELECT /* aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa */ 1`],
  ])('accepts %s', (_, sql) => {
    expect(flagged(identifierTooLong, sql)).toEqual([])
  })

  it('says what PostgreSQL makes of the name, once a statement', () => {
    const name = `${'ä'.repeat(31)}bc`
    const findings = flagged(identifierTooLong, `CREATE INDEX ${name} ON t (${name})`)
    expect(findings).toHaveLength(1)
    expect(findings[0]?.message).toContain(` ${'ä'.repeat(31)}b,`)
  })
})
