/** Texts that are likely to hurt, put where a pull request could put them. */
import fc from 'fast-check'
import type { CheckResult } from '../../src/core/check/result.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'

const PIECES = [
  '|',
  '\\',
  '`',
  '```',
  '~~~',
  '*',
  '**',
  '_',
  '~~',
  '<b>',
  '</details>',
  '<script>alert(1)</script>',
  '<!--',
  '-->',
  ']]>',
  '&amp;',
  '&#35;',
  '[x](javascript:alert(1))',
  '![x](y)',
  '[^1]',
  '# ',
  '> ',
  '- ',
  '- [ ] ',
  '1. ',
  '===',
  '---',
  '\n',
  '\r\n',
  '\n\n',
  '\t',
  '    ',
  '@here',
  'a@b.example',
  'https://evil.example',
  'www.evil.example',
  '::error file=x::y',
  '##[error]',
  '%0A',
  '%',
  ',',
  ':',
  '"',
  "'",
  '\u202e',
  '\u200b',
  '\u0000',
  '\u001b[2J',
  '\ud800',
]

export const hostile = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })), { maxLength: 10 })
  .map((parts) => parts.join(''))

const node = (plan: PlanNode, text: string): PlanNode => ({
  ...plan,
  ...(plan.Filter === undefined ? {} : { Filter: `(a = '${text}')` }),
  ...(plan.Plans === undefined ? {} : { Plans: plan.Plans.map((one) => node(one, text)) }),
})

/** The sample with the text in every place that comes from a repository, a database or a person. */
export function withText(result: CheckResult, text: string): CheckResult {
  const file = `dir/${text}.sql`
  const blame = { file, line: 18, sql: text }
  const named = `n${text}`
  return {
    ...result,
    release: named,
    files: [file],
    why: result.why.map((one) => `${one.split(' ')[0] ?? ''} at ${file}:18`),
    findings: result.findings.map((one) => ({
      ...one,
      file: one.file === null ? null : file,
      message: text,
      remedy: text,
    })),
    plans: result.plans.map((one) => ({
      ...one,
      query: text,
      name: one.name === null ? null : named,
      blamedOn: one.blamedOn === null ? null : blame,
      advice: one.advice === null ? null : { ...one.advice, sql: text, why: text },
      remarks: one.remarks.map(() => text),
      message: text,
      variant: named,
      planBefore: node(one.planBefore, text),
      planAfter: node(one.planAfter, text),
    })),
    rollbackSafety: {
      ...result.rollbackSafety,
      target: named,
      broken: result.rollbackSafety.broken.map((one) => ({ ...one, query: text, reason: text, blamedOn: blame })),
      sequence: result.rollbackSafety.sequence.map(() => text),
    },
    unplanned: result.unplanned.map((one) => ({ ...one, name: null, query: named, reason: text })),
    migration: result.migration.map((one) => ({
      ...one,
      file,
      sql: text,
      locks: one.locks.map((lock) => ({ ...lock, relation: named })),
      estimate: { ...one.estimate, basis: text },
    })),
    unusedIndexes: result.unusedIndexes.map((one) => ({ ...one, index: named, table: named, why: text })),
    skipped: result.skipped.map(() => ({ object: named, reason: text })),
    missing: result.missing.map(() => ({ what: named, why: text, grant: text })),
    checklist: result.checklist.map((one) => ({ ...one, item: text, because: text })),
    assumptions: result.assumptions.map(() => text),
  }
}
