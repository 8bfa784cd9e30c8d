import { describe, expect, it } from 'vitest'
import type { AppliedStatement } from '../plans.ts'
import type { Phantom } from '../ports.ts'
import { phantomAfter } from '../releases/phantom-after.ts'
import type { PlanReport } from '../result.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import type { ParsedFile } from '../sql.ts'
import { judgeRollback } from './safety.ts'

const query = (text: string): WorkloadQuery => ({
  fingerprint: text,
  text,
  name: null,
  callsPerMinute: null,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
})

const FILE = '0007_change.sql'
const applied = (count: number): readonly AppliedStatement[] =>
  Array.from({ length: count }, (_, ordinal) => ({
    ordinal,
    file: FILE,
    line: ordinal + 1,
    sql: `statement ${ordinal + 1}`,
    locks: [],
    rewritten: [],
    created: [],
    dropped: [],
    invalid: [],
    transaction: 0,
    work: 'instant',
    workOn: null,
    estimate: { lowMs: 0, highMs: 50, basis: 'changes the catalog only' },
  }))

/** A phantom on which a query fails in the states that `fails` names. */
function phantomWhere(fails: (text: string, statements: number) => boolean, count = 8) {
  const looks: number[] = []
  const phantom: Phantom = {
    skipped: [],
    applied: applied(count),
    failure: null,
    plan: () => Promise.reject(new Error('not planned here')),
    planAll: () => Promise.reject(new Error('not planned here')),
    run: async (queries, state) => {
      looks.push(state.statements)
      return queries.map((one) => ({
        query: one,
        error: fails(one.text, state.statements) ? { message: 'column "a" does not exist', sqlState: '42703' } : null,
      }))
    },
    sizeOf: async () => null,
    inState: () => Promise.reject(new Error('not looked at here')),
    close: async () => undefined,
  }
  return { phantom, looks }
}

const file: ParsedFile = {
  path: FILE,
  text: '',
  format: 'plain',
  version: '7',
  transactional: true,
  ignores: [],
  remarks: [],
  statements: applied(8).map(({ sql, line }) => ({
    sql,
    offset: 0,
    line,
    node: line === 3 ? { InsertStmt: {} } : { CreateStmt: {} },
    problem: null,
    origin: 'file',
  })),
}

const judge = (
  fails: (text: string, statements: number) => boolean,
  more: { oldPlans?: readonly PlanReport[]; old?: readonly string[]; new?: readonly string[] } = {},
) =>
  judgeRollback({
    phantom: phantomWhere(fails).phantom,
    old: (more.old ?? ['old query']).map(query),
    new: (more.new ?? ['new query']).map(query),
    oldPlans: more.oldPlans ?? [],
    files: [file],
    target: '2.3.0',
    signal: new AbortController().signal,
  })

describe('whether one may go back', () => {
  it('is safe, in any order, when each release runs on both schemas', async () => {
    const safety = await judge(() => false)
    expect(safety).toMatchObject({ verdict: 'safe', target: '2.3.0', broken: [], order: 'any' })
    expect(safety.sequence).toHaveLength(1)
  })

  it('is unsafe when a query of the old release fails on the new schema, blamed on the statement since which it does', async () => {
    const safety = await judge((text, statements) => text === 'old query' && statements >= 5)
    expect(safety).toMatchObject({ verdict: 'unsafe', order: 'code-first' })
    expect(safety.broken).toEqual([
      expect.objectContaining({
        code: 'old',
        schema: 'new',
        kind: 'error',
        reason: 'column "a" does not exist (42703)',
        blamedOn: { file: FILE, line: 5, sql: 'statement 5' },
      }),
    ])
    expect(safety.sequence.join('\n')).toContain(`${FILE}:5`)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('finds statement %i of 8', async (guilty) => {
    const safety = await judge((text, statements) => text === 'old query' && statements >= guilty)
    expect(safety.broken[0]?.blamedOn?.line).toBe(guilty)
  })

  it('looks at a handful of states, not at all of them', async () => {
    const { phantom, looks } = phantomWhere((text, statements) => text === 'old query' && statements >= 700, 1000)
    const none: readonly WorkloadQuery[] = []
    const parts = { phantom, old: [query('old query')], new: none, oldPlans: [], files: [], target: null }
    const safety = await judgeRollback({ ...parts, signal: new AbortController().signal })
    expect(safety.broken[0]?.blamedOn?.line).toBe(700)
    expect(looks.length).toBeLessThan(15)
  })

  it('asks for the schema first when the new release fails on the old schema; going back is safe then', async () => {
    const safety = await judge((text, statements) => text === 'new query' && statements < 8)
    expect(safety).toMatchObject({ verdict: 'safe', order: 'schema-first' })
    expect(safety.broken).toEqual([expect.objectContaining({ code: 'new', schema: 'old', blamedOn: null })])
  })

  it('asks for two steps when each release needs its own schema', async () => {
    const safety = await judge((text, statements) => (text === 'new query' ? statements < 2 : statements >= 8))
    expect(safety).toMatchObject({ verdict: 'unsafe', order: 'split-needed' })
    expect(safety.sequence[0]).toContain(`${FILE}:1`)
    expect(safety.sequence[0]).not.toContain(`${FILE}:8`)
    expect(safety.sequence[2]).toContain(`${FILE}:8`)
  })

  it('takes what was pending before the change as there on both sides', async () => {
    const { phantom, looks } = phantomWhere((text, statements) => text === 'old query' && statements >= 4)
    const parts = { old: [query('old query')], new: [], oldPlans: [], files: [file], target: null }
    const signal = new AbortController().signal
    const from = (statements: number) => ({ ...parts, phantom: phantomAfter(phantom, statements), signal })
    expect(await judgeRollback(from(5))).toMatchObject({ verdict: 'safe', broken: [] })
    expect(Math.min(...looks)).toBe(5)
    expect((await judgeRollback(from(2))).broken[0]?.blamedOn?.line).toBe(4)
  })

  it('does not blame the change for a query that fails on both schemas', async () => {
    const safety = await judge((text) => text === 'old query')
    expect(safety).toMatchObject({ verdict: 'safe', broken: [] })
    expect(safety.sequence.at(-1)).toContain('1 query fails on both schemas')
    expect(safety.sequence.at(-1)).toContain('column "a" does not exist (42703)')
  })

  it('says nothing when the migration itself fails', async () => {
    const { phantom } = phantomWhere(() => false)
    const failure = { file: FILE, line: 2, message: 'relation "x" does not exist', sqlState: '42P01' }
    const parts = { old: [], new: [], oldPlans: [], files: [file], target: '2.3.0' }
    const signal = new AbortController().signal
    const safety = await judgeRollback({ ...parts, phantom: { ...phantom, failure }, signal })
    expect(safety).toMatchObject({ verdict: 'unknown', broken: [] })
  })
})
