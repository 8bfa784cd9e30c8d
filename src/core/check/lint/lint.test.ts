import { describe, expect, it } from 'vitest'
import { productionOf } from '../../../../test/lint/production.ts'
import { type FlaggedOptions, lintWith, parsed } from '../../../../test/lint/rule-testing.ts'
import { lint } from './lint.ts'
import type { LintHit, LintRule } from './rule.ts'

/** Says of each DROP TABLE that it rewrites the table, which is easy to write down and wrong. */
const rule: LintRule = {
  id: 'drop',
  title: 'a rule for these tests',
  squawk: ['ban-drop-table', 'ban-both'],
  level: 'warning',
  defaultOn: true,
  statement: ({ statement: { node }, table }) => {
    if (node === null || !('DropStmt' in node)) return []
    const hit: LintHit = {
      message: 'Drops it.',
      remedy: 'Do not.',
      table: table(null, 'users'),
      lock: 'AccessExclusive',
      work: 'rewrite',
    }
    return [hit]
  },
}
const other: LintRule = {
  id: 'select',
  title: 'another',
  squawk: ['ban-both'],
  level: 'note',
  defaultOn: false,
  statement: ({ statement: { node } }) =>
    node !== null && 'SelectStmt' in node ? [{ message: 'Selects.', remedy: 'Do not.', location: 7 }] : [],
}

const told = (sql: string, options: FlaggedOptions = {}) =>
  lintWith([rule, other], sql, options).findings.map(({ rule: id, line, severity }) => `${line} ${id} ${severity}`)

describe('ignore comments', () => {
  it.each([
    ['-- premortem-ignore drop: nobody uses it\nDROP TABLE a'],
    ['DROP TABLE a; -- premortem-ignore drop: nobody uses it'],
    ['DROP TABLE\n  -- premortem-ignore drop: nobody uses it\n a'],
    ['/* premortem-ignore drop: nobody uses it */ DROP TABLE a'],
    [
      '-- premortem-ignore-file drop: nobody uses it\nSELECT\n1;\nDROP TABLE a;\n-- premortem-ignore select: fine\nSELECT 1',
    ],
    ['-- squawk-ignore ban-drop-table\nDROP TABLE a'],
    ['-- squawk-ignore-file ban-drop-table\nDROP TABLE a'],
    ['-- squawk-ignore-file\nDROP TABLE a'],
    ['-- premortem-ignore select, drop: both\nDROP TABLE a'],
    ['-- premortem-ignore drop: why not\nDO $$ BEGIN DROP TABLE a; END $$'],
    ['DO $$ BEGIN\n -- premortem-ignore drop: why not\n DROP TABLE a; END $$'],
  ])('take a finding away: %s', (sql) => {
    expect(told(sql).filter((one) => one.includes(' drop '))).toEqual([])
  })

  it('are about the next statement only', () => {
    expect(told('-- premortem-ignore drop: why not\nDROP TABLE a;\nDROP TABLE b')).toEqual(['3 drop warning'])
  })

  it('need a reason, and ignore nothing without one', () => {
    expect(told('-- premortem-ignore drop\nDROP TABLE a')).toEqual([
      '1 ignore-without-reason warning',
      '2 drop warning',
    ])
    expect(told('-- premortem-ignore drop:  \nDROP TABLE a')).toContain('2 drop warning')
  })

  it('say when they name no rule, and which was meant', () => {
    const { findings } = lintWith([rule], '-- premortem-ignore dorp: why\nDROP TABLE a')
    expect(findings.map(({ message }) => message)).toContain('There is no rule dorp; did you mean drop?')
  })

  it('say when there is nothing to ignore', () => {
    expect(told('-- premortem-ignore drop: why\nCREATE TABLE a ()')).toEqual(['1 unused-ignore note'])
    expect(told('-- squawk-ignore ban-drop-table\nCREATE TABLE a ()')).toEqual(['1 unused-ignore note'])
  })

  it('are not seen in strings, and not in the way back', () => {
    expect(told("INSERT INTO a VALUES ('-- premortem-ignore drop: x')")).toEqual([])
    const dbmate = '-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\n-- premortem-ignore drop\nDROP TABLE a;'
    expect(told(dbmate, { format: 'dbmate' })).toEqual([])
  })
})

describe('levels', () => {
  const users = (rows: number) =>
    productionOf({ tables: [{ name: 'users', rows }], workload: { 'SELECT name FROM users WHERE id = $1': 1240 } })

  it('follow the size of production’s table, and the message says why', () => {
    const large = lintWith([rule], 'DROP TABLE users', { snapshot: users(50_000_000) }).findings[0]
    expect(large?.severity).toBe('error')
    expect(large?.message).toBe(
      'Drops it. users has 50,000,000 rows (10 GB). The ACCESS EXCLUSIVE lock blocks reads and writes for about 83 s to ' +
        '7 min: it writes 10.0 GB anew at 25 to 120 MB/s. 1,240 statements a minute name it, most often: SELECT name FROM ' +
        'users WHERE id = $1.',
    )
    const small = lintWith([rule], 'DROP TABLE users', { snapshot: users(200) }).findings[0]
    expect(small?.severity).toBe('note')
  })

  it('are the rule’s own without a snapshot', () => {
    const finding = lintWith([rule], 'DROP TABLE users').findings[0]
    expect([finding?.severity, finding?.message]).toEqual(
      [
        'warning',
        'Drops it. The ACCESS EXCLUSIVE lock blocks reads and writes while it writes the table and its indexes anew.',
      ].map((text, at) => (at === 0 ? 'warning' : text)),
    )
  })

  it('are those of the config where it gives one, whatever the size', () => {
    const files = [parsed('DROP TABLE users')]
    const level = (setting: 'error' | 'off') =>
      lint({ files, snapshot: users(200), rules: [rule], config: { rules: { 'ban-drop-table': setting } } }).findings
    expect(level('error').map(({ severity }) => severity)).toEqual(['error'])
    expect(level('off')).toEqual([])
  })

  it('a rule that is off by default runs when it is asked for', () => {
    const files = [parsed('SELECT 1')]
    expect(lint({ files, snapshot: null, rules: [other] }).findings).toEqual([])
    expect(lint({ files, snapshot: null, rules: [other], config: { rules: { select: 'on' } } }).findings).toHaveLength(
      1,
    )
  })

  it('a rule that does not exist is refused, with the name that was meant', () => {
    const config = { rules: { selct: 'off' } } as const
    expect(() => lint({ files: [], snapshot: null, rules: [other], config })).toThrow('did you mean select?')
  })
})

describe('places', () => {
  it('are line and column of what is meant, in order', () => {
    const { findings } = lintWith([rule, other], 'DROP TABLE x;\n  SELECT 1;\n\tDROP TABLE y')
    expect(findings.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [2, 10],
      [3, 2],
    ])
  })

  it('of SQL that cannot be read are where PostgreSQL stops', () => {
    const { findings } = lintWith([], 'SELECT 1;\n  SELEC 2')
    expect(findings).toMatchObject([{ rule: 'syntax-error', severity: 'error', line: 2, column: 3 }])
  })
})

describe('several files', () => {
  const create = parsed('CREATE TABLE users (id bigint PRIMARY KEY)', 'plain', '0001_a.sql')
  const seesNew: LintRule = {
    ...other,
    id: 'new',
    statement: ({ table }) => [{ message: `users is ${table(null, 'users')?.isNew ? 'new' : 'old'}`, remedy: '' }],
  }
  const second = parsed('SELECT 1', 'plain', '0002_b.sql')
  const messages = (request: Omit<Parameters<typeof lint>[0], 'snapshot' | 'rules'>) =>
    lint({ snapshot: null, rules: [{ ...seesNew, defaultOn: true }], ...request }).findings.map(
      ({ message }) => message,
    )

  it('go out together: what one makes is new in the next', () => {
    expect(messages({ files: [create, second] }).at(-1)).toBe('users is new')
    expect(messages({ files: [second], earlier: [create] })).toEqual(['users is new'])
  })

  it('go out one by one when asked: what was made before is in use', () => {
    expect(messages({ files: [create, second], rollout: 'apart' }).at(-1)).toBe('users is old')
  })

  it.each([
    ['ALTER TABLE a ALTER COLUMN b TYPE bigint', 'ANALYZE a', 'missing-analyze'],
    ['ALTER TABLE a ENABLE ROW LEVEL SECURITY', 'CREATE POLICY p ON a USING (true)', 'row-security-without-policy'],
    ['CREATE TABLE a (b int)', 'ALTER TABLE a ADD PRIMARY KEY (b)', 'no-primary-key'],
    [
      'ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c (id) NOT VALID',
      'CREATE INDEX CONCURRENTLY i ON a (b)',
      'foreign-key-without-index',
    ],
  ])('a rule sees what a later file of the change does: %s', (first, last, id) => {
    const files = [parsed(first, 'plain', '0001_a.sql'), parsed(last, 'plain', '0002_b.sql')]
    const rulesOf = (request: Omit<Parameters<typeof lint>[0], 'snapshot'>) =>
      lint({ snapshot: null, ...request }).findings.map((finding) => finding.rule)
    expect(rulesOf({ files: files.slice(0, 1) })).toContain(id)
    expect(rulesOf({ files })).not.toContain(id)
    expect(rulesOf({ files: files.slice(0, 1), later: files.slice(1) })).not.toContain(id)
    expect(rulesOf({ files, rollout: 'apart' })).toContain(id)
  })
})

describe('a file of 20,000 statements', () => {
  const STATEMENTS = 20_000

  it('is looked at by all rules to its end', () => {
    const kinds = [
      (at: number) => `INSERT INTO t VALUES (${at})`,
      (at: number) => `CREATE TABLE t${at} (id bigint PRIMARY KEY, a bigint REFERENCES x (id))`,
      (at: number) => `CREATE INDEX i${at} ON t${at - 1} (a)`,
    ]
    const sql = Array.from({ length: STATEMENTS - 1 }, (_, at) => kinds[at % kinds.length]?.(at)).join(';\n')
    const { findings } = lint({ files: [parsed(`${sql};\nDROP TABLE t`)], snapshot: null })
    expect(findings.at(-1)).toMatchObject({ line: STATEMENTS })
  }, 60_000)
})
