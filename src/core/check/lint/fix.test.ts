import { describe, expect, it } from 'vitest'
import { parsed } from '../../../../test/lint/rule-testing.ts'
import { applyEdits, fixFile } from './fix.ts'
import { lint } from './lint.ts'
import type { LintRule } from './rule.ts'

/** `old` → `new`, wherever a statement has the word. */
const replaces = (old: string, insert: string, id = `no-${old}`): LintRule => ({
  id,
  title: 'a rule for these tests',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: ({ statement: { sql } }) => {
    const from = sql.indexOf(old)
    if (from === -1) return []
    return [{ message: `${old} at ${from}`, remedy: '', fix: [{ from, to: from + old.length, insert }] }]
  },
})

const fixed = (sql: string, ...rules: readonly LintRule[]) =>
  fixFile({
    file: parsed(sql),
    parse: (text) => parsed(text),
    lint: (file) => lint({ files: [file], snapshot: null, rules }),
  })

describe('fixing a file', () => {
  it('changes what the rules say and keeps the rest as it is', () => {
    const { after, applied, refused } = fixed(
      '-- é old\nSELECT old;\n\nSELECT 1, old ; -- old\n',
      replaces('old', 'fresh'),
    )
    expect(after).toBe('-- é old\nSELECT fresh;\n\nSELECT 1, fresh ; -- old\n')
    expect([applied.length, refused]).toEqual([2, []])
  })

  it('refuses a change that would not parse', () => {
    const { after, refused } = fixed('SELECT old', replaces('old', '('))
    expect([after, refused[0]?.why]).toEqual(['SELECT old', 'the result would not parse'])
  })

  it('refuses a change that leaves its finding', () => {
    const { after, refused } = fixed('SELECT old', replaces('old', 'older'))
    expect([after, refused[0]?.why]).toEqual(['SELECT old', 'the finding would still be there'])
  })

  it('refuses a change that raises another finding, and keeps the good ones beside it', () => {
    const bad = {
      ...replaces('fresh', ''),
      statement: (c) =>
        replaces('fresh', '')
          .statement?.(c)
          .map(({ fix: _, ...hit }) => hit) ?? [],
    } satisfies LintRule
    const { after, refused } = fixed('SELECT old; SELECT a', replaces('old', 'fresh'), bad, replaces('a', 'b'))
    expect([after, refused.map(({ why }) => why)]).toEqual(['SELECT old; SELECT b', ['it would raise no-fresh']])
  })

  it('takes changes that overlap one after the other', () => {
    const { after, applied } = fixed('SELECT ab', replaces('ab', 'bc'), replaces('b', 'x'))
    expect([after, applied.length]).toEqual(['SELECT xc', 2])
  })

  it('ends, even when rules undo one another', () => {
    const { applied } = fixed('SELECT a', replaces('a', 'bb'), replaces('bb', 'a'))
    expect(applied.length).toBeLessThanOrEqual(10)
  })

  it('does not touch what it cannot place: the text in a string of EXECUTE', () => {
    const sql = "DO $$ BEGIN EXECUTE 'SELECT ''old'''; END $$"
    const inBlock: LintRule = {
      ...replaces("'old'", "'new'"),
      statement: (c) => (c.statement.origin === 'do-block' ? (replaces("'old'", "'new'").statement?.(c) ?? []) : []),
    }
    expect(fixed(sql, inBlock)).toMatchObject({ after: sql, applied: [] })
  })
})

describe('edits', () => {
  it('are made by place, whatever their order', () => {
    const edits = [
      { from: 4, to: 5, insert: 'E' },
      { from: 0, to: 1, insert: 'A' },
      { from: 2, to: 2, insert: '-' },
    ]
    expect(applyEdits('abcde', edits)).toBe('Ab-cdE')
  })
})
