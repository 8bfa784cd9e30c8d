/** Whatever the SQL: no rule fails, every place is in the text, and every fix that is kept parses. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixFile } from '../../src/core/check/lint/fix.ts'
import { lint } from '../../src/core/check/lint/lint.ts'
import { RULES } from '../../src/core/check/lint/rules.ts'
import { pageOf, SECTIONS, SETTINGS, sectionsOf, sqlOf } from './documented.ts'
import { parsed, ruleParser } from './rule-testing.ts'

const NUM_RUNS = 150

/** Statements of all pages, by themselves: the rules' own corner of SQL. */
const STATEMENTS = RULES.flatMap(({ id }) => {
  const sections = sectionsOf(pageOf(id))
  return SECTIONS.flatMap((section) => sqlOf(sections.get(section)))
}).flatMap((sql) => ruleParser.parse(sql).statements.map((statement) => statement.sql))

const WRAPPERS: readonly ((sql: string) => string)[] = [
  (sql) => sql,
  (sql) => `DO $do$ BEGIN ${sql}; END $do$`,
  (sql) => `-- é😀 premortem-ignore drop-table: why\n${sql}`,
  (sql) => `/* squawk-ignore */ ${sql}`,
  (sql) => `BEGIN;\n${sql};\nCOMMIT`,
  (sql) => sql.replace(/\bpayments\b/g, '"Päy😀ments"'),
  (sql) => sql.replace(/\bpayments\b/g, 'app.payments'),
  (sql) => sql.slice(0, Math.floor(sql.length / 2)),
  (sql) => sql.replace(/\s+/g, '\r\n\t'),
]

const statement = fc.tuple(fc.constantFrom(...STATEMENTS), fc.constantFrom(...WRAPPERS)).map(([sql, wrap]) => wrap(sql))
const migration = fc
  .array(statement, { minLength: 1, maxLength: 8 })
  .map((statements) => `${statements.join(';\n\n')};\n`)
const setting = fc.constantFrom(...SETTINGS)
const everyRule = { rules: Object.fromEntries(RULES.map(({ id }) => [id, 'on' as const])) }

describe('any migration', () => {
  it('is made of the statements of the rules’ pages', () => {
    expect(STATEMENTS.length).toBeGreaterThan(RULES.length)
  })

  it('can be looked at by every rule; findings are at places of the text, in order', () => {
    fc.assert(
      fc.property(migration, setting, (sql, { snapshot, serverVersion }) => {
        const config = { ...everyRule, ...(serverVersion === undefined ? {} : { serverVersion }) }
        const { findings, fixes } = lint({ files: [parsed(sql)], snapshot, parser: ruleParser, config })
        const lines = sql.split('\n')
        for (const { line, column, message, remedy } of findings) {
          const text = lines[(line ?? 0) - 1]
          expect(text).toBeDefined()
          expect(column).toBeGreaterThanOrEqual(1)
          expect(column).toBeLessThanOrEqual((text?.length ?? 0) + 1)
          expect(message).toMatch(/\S/)
          expect(remedy).toMatch(/\S/)
          expect(`${message} ${remedy}`).not.toMatch(/undefined|\[object|NaN/)
        }
        expect(findings.map(({ line }) => line)).toEqual(findings.map(({ line }) => line ?? 0).sort((a, b) => a - b))
        for (const { edits } of fixes) {
          for (const { from, to } of edits) {
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeLessThanOrEqual(sql.length)
          }
        }
      }),
      { numRuns: NUM_RUNS },
    )
  })

  it('gives the same findings twice', () => {
    fc.assert(
      fc.property(migration, setting, (sql, { snapshot }) => {
        const once = () => lint({ files: [parsed(sql)], snapshot, parser: ruleParser, config: everyRule }).findings
        expect(once()).toEqual(once())
      }),
      { numRuns: 30 },
    )
  })

  it('is never worse after fixing: what parsed parses, and what was fixed is gone', () => {
    fc.assert(
      fc.property(migration, setting, (sql, { snapshot }) => {
        const look = (file: ReturnType<typeof parsed>) => lint({ files: [file], snapshot, parser: ruleParser })
        const file = parsed(sql)
        const { after, applied } = fixFile({ file, parse: (text) => parsed(text), lint: look })
        const [before, now] = [look(file).findings, look(parsed(after)).findings]
        const count = (of: typeof before, rule: string) => of.filter((finding) => finding.rule === rule).length
        expect(count(now, 'syntax-error')).toBeLessThanOrEqual(count(before, 'syntax-error'))
        for (const { rule } of applied) expect(count(now, rule)).toBeLessThan(count(before, rule))
        if (applied.length === 0) expect(after).toBe(sql)
      }),
      { numRuns: 60 },
    )
  })
})
