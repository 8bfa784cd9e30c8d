import { describe, expect, it } from 'vitest'
import { at, BAD, GOOD, ledger, observation, running, SERVICE } from '../../../test/core/observe.ts'
import { PENDING_PLAN } from '../../../test/core/plans.ts'
import { request } from '../../../test/core/release-bench.ts'
import { ms } from '../../base/time.ts'
import type { CauseFact, Facts, IndexFact, NewEvent } from '../events.ts'
import type { Observation, StatementDelta } from '../watch/samples.ts'
import { diagnosisMonitor, MAX_NAMINGS, UNKNOWN_LOOKS } from './diagnosis.ts'
import type { PlanNode } from './ports.ts'

const LIST = `SELECT pt.id, pt.created_at FROM payment_transactions pt
  LEFT JOIN customer_data cd ON pt.customer_id = cd.id
  WHERE pt.status = 'pending' ORDER BY pt.created_at DESC`
const PAY = 'INSERT INTO payment_transactions (idempotency_key, amount_cents) VALUES ($1, $2) RETURNING id'
const INDEX: IndexFact = {
  name: 'idx_payment_transactions_created_at',
  table: 'payment_transactions',
  definition:
    "CREATE INDEX idx_payment_transactions_created_at ON public.payment_transactions USING btree (created_at) WHERE (status = 'pending'::text)",
}
const FAST_PLAN: PlanNode = {
  'Node Type': 'Index Scan',
  'Relation Name': 'payment_transactions',
  'Index Name': 'pk',
  'Total Cost': 8,
  'Plan Rows': 1,
}

const migration = (dropped: readonly IndexFact[], created: readonly IndexFact[] = []): Facts['migration.applied'] => ({
  release: BAD,
  file: '0005_review.sql',
  line: 9,
  sql: 'DROP INDEX …',
  took: ms(12),
  dropped,
  created,
})

const alert: Facts['alert.fired'] = {
  rule: 'error-rate',
  severity: 'critical',
  release: null,
  value: 13.5,
  threshold: 5,
  unit: '%',
  message: '',
}
const delta = (query: string, calls: number, totalMs: number): StatementDelta => ({
  queryId: query.slice(0, 40),
  query,
  calls,
  totalMs,
  rows: calls,
})
const kept = (query: string) => query.replace("'pending'", '$1')

/** Seconds 0–9 the good release; requested at 10, migrated at 11, all traffic at 12; the alert at 18. */
const calm = (second: number) =>
  observation(second, { [GOOD]: { requests: 60, active: 1 } }, { statements: [delta(PAY, 60, 180)] })
const stuck = (second: number, query = LIST): Observation =>
  observation(
    second,
    { [BAD]: { requests: 40, errors: 6, used: 100, pending: 30, active: 95 } },
    {
      running: [
        ...Array.from({ length: 8 }, (_, pid) => running(second, { pid, release: BAD, query, age: 4.2 - pid * 0.4 })),
        running(second, { pid: 99, release: BAD, query: PAY, age: 0.002 }),
      ],
      statements: [delta(PAY, 40, 140), delta(kept(query), 3, 12_000)],
    },
  )

interface Story {
  readonly migrations?: readonly Facts['migration.applied'][]
  readonly seen?: (second: number) => Observation
  readonly release?: boolean
  readonly until?: number
  /** Null: never answered. */
  readonly explain?: ((query: string) => PlanNode | string) | null
  readonly bad?: boolean
  readonly also?: (second: number, event: ReturnType<typeof ledger>) => readonly ReturnType<ReturnType<typeof ledger>>[]
}

function told(story: Story = {}) {
  const { migrations = [migration([INDEX])], seen = stuck, release = true, until = 40, bad = false } = story
  const explain =
    story.explain === undefined
      ? (query: string) => (query.includes('ORDER BY') ? PENDING_PLAN : FAST_PLAN)
      : story.explain
  const monitor = diagnosisMonitor({ service: SERVICE })
  const event = ledger()
  const asked: string[] = []
  const causes: { second: number; cause: CauseFact }[] = []
  const observations: Observation[] = []
  let state = monitor.initial
  const take = (second: number, facts: readonly NewEvent[]) => {
    for (const one of facts) {
      if (one.type !== 'cause.named') continue
      causes.push({ second, cause: one.data })
      state = monitor.note(state, event(second, 'cause.named', one.data))
    }
  }
  for (let second = 0; second < until; second++) {
    const happened = [
      ...(second === 10 && release
        ? [event(10, 'release.requested', request({ steps: [100], automaticRollback: false }))]
        : []),
      ...(second === 11 && release ? migrations.map((one) => event(11, 'migration.applied', one)) : []),
      ...(second === 18 && !bad ? [event(18, 'alert.fired', alert)] : []),
      ...(second === 18 && bad
        ? [event(18, 'release.judged', { release: BAD, verdict: 'bad', rule: 'x', why: [] })]
        : []),
      ...(story.also?.(second, event) ?? []),
    ]
    state = happened.reduce(monitor.note, state)
    observations.push(second < 12 ? calm(second) : seen(second))
    const look = monitor.look(state, observations)
    state = JSON.parse(JSON.stringify(look.state))
    take(second, look.facts)
    const open = [...look.questions]
    for (let question = open.shift(); question !== undefined; question = open.shift()) {
      asked.push(question.query)
      if (explain === null) continue
      const answer = explain(question.query)
      const plan = typeof answer === 'string' ? null : answer
      const reply = monitor.answer(state, { question, plan, reason: typeof answer === 'string' ? answer : null })
      state = reply.state
      take(second, reply.facts)
      open.push(...reply.questions)
    }
  }
  return { causes, asked, state, first: causes[0]?.cause }
}

describe('the incident of the dropped index', () => {
  it('is named at the first look after the first alert, with release, statement, index, file and line', () => {
    const { causes } = told()
    expect(causes).toHaveLength(1)
    expect(causes[0]?.second).toBe(18)
    expect(causes[0]?.cause).toMatchObject({
      kind: 'index-dropped-by-release',
      release: BAD,
      index: INDEX,
      migrationFile: '0005_review.sql',
      migrationLine: 9,
      statement: expect.stringContaining('where pt.status = $1 order by pt.created_at desc'),
    })
    expect(causes[0]?.cause.score).toBeGreaterThan(0.9)
  })

  it('comes with its evidence in numbers', () => {
    const { first } = told()
    expect(first?.evidence).toEqual([
      '0005_review.sql:9 of 2.3.1 dropped idx_payment_transactions_created_at at 14:15:11 UTC, 7 s before',
      "plan: Seq Scan on payment_transactions, filter status = 'pending', sorted by pt.created_at DESC; of the dropped index: its key created_at is what the plan sorts by, and it held only the rows that status selects",
      '8 of 9 running statements of payment-service are this one (payment-service@2.3.1), the oldest since 4.2 s',
      expect.stringMatching(
        /^it takes 9\d(\.\d)? % of the database time that was seen: 21 executions of 4,000 ms on average$/,
      ),
      'it was not seen before 2.3.1 was released at 14:15:10 UTC',
    ])
    expect(first?.plan[0]).toContain('Sort')
  })

  it('comes with what helps, and what does not', () => {
    const advice = told().first?.advice.join('\n') ?? ''
    expect(advice).toContain('Roll back payment-service to 2.3.0')
    expect(advice).toContain(
      'CREATE INDEX CONCURRENTLY idx_payment_transactions_created_at ON public.payment_transactions',
    )
    expect(advice).toContain('More connections will not help')
    expect(advice).toContain('More replicas will not help')
  })

  it('is named just so when the judge speaks before any alert', () => {
    expect(told({ bad: true }).first).toMatchObject({ kind: 'index-dropped-by-release', index: INDEX })
  })

  it('is named though the rollback was faster than the look', () => {
    const also: Story['also'] = (second, event) =>
      second === 18
        ? [
            event(18, 'release.rollback-decided', { release: BAD, to: GOOD, why: [] }),
            event(18, 'release.rolled-back', { release: BAD, to: GOOD }),
          ]
        : []
    const { first, state } = told({ bad: true, also })
    expect(first).toMatchObject({ kind: 'index-dropped-by-release' })
    expect(first?.advice[0]).toContain('The rollback to 2.3.0 is decided')
    expect(state.episode).toBeNull()
  })

  it('does not promise that a rollback cures a statement which the release before runs as well', () => {
    const { first } = told({ seen: (second) => stuck(second, PAY), explain: () => PENDING_PLAN })
    expect(first?.kind).toBe('index-dropped-by-release')
    expect(first?.advice[0]).toContain('A rollback alone does not help')
    expect(first?.evidence.at(-1)).toContain('before the release it took 3 ms on average')
  })
})

describe('a text that pg_stat_activity cut off', () => {
  const long = LIST.replace('pt.id', `pt.id, ${Array.from({ length: 120 }, (_, i) => `pt.column_${i}`).join(', ')}`)
  const cut = long.slice(0, 1023)
  const seen = (second: number): Observation => {
    const whole = stuck(second, long)
    const statements = [delta(PAY, 40, 140), { ...delta(kept(long), 3, 12_000), queryId: '77' }]
    const sessions = whole.database?.running.map((one) =>
      one.query === long ? { ...one, query: cut, queryId: '77' } : one,
    )
    return { ...whole, database: whole.database && { ...whole.database, running: sessions ?? [], statements } }
  }

  it('is planned from the whole text of pg_stat_statements', () => {
    const { first, asked } = told({ seen })
    expect(asked).toContain(kept(long))
    expect(asked).not.toContain(cut)
    expect(first).toMatchObject({ kind: 'index-dropped-by-release', statement: expect.stringContaining('order by') })
  })
})

describe('other causes', () => {
  it('a slow statement of the release, when the index that it dropped has nothing to do with it', () => {
    const other = {
      name: 'idx_amount',
      table: 'payment_transactions',
      definition: 'CREATE INDEX idx_amount ON payment_transactions (amount)',
    }
    const { first } = told({ migrations: [migration([other])] })
    expect(first).toMatchObject({ kind: 'slow-statement-of-release', release: BAD, index: null, migrationFile: null })
    expect(first?.evidence.join('\n')).toContain('dropped idx_amount, which this plan would not use')
  })

  it('the same when the index was created again, by the migration or by a person', () => {
    const again = { ...INDEX, name: 'idx_new_name' }
    expect(told({ migrations: [migration([INDEX]), migration([], [again])] }).first?.kind).toBe(
      'slow-statement-of-release',
    )
    const also: Story['also'] = (second, event) =>
      second === 15
        ? [
            event(15, 'index.build-finished', {
              index: INDEX.name,
              table: INDEX.table,
              took: ms(1),
              valid: true,
              error: null,
            }),
          ]
        : []
    expect(told({ also }).first?.kind).toBe('slow-statement-of-release')
  })

  it('the statement alone while no plan is to be had, with the reason', () => {
    const { first, causes } = told({ explain: () => 'permission denied for table payment_transactions' })
    expect(first?.kind).toBe('slow-statement-of-release')
    expect(first?.evidence.join('\n')).toContain('permission denied')
    expect(causes).toHaveLength(1)
  })

  it('goes on without an answer that never comes', () => {
    const { causes } = told({ explain: null })
    expect(causes[0]).toMatchObject({ second: 22, cause: { kind: 'slow-statement-of-release' } })
  })

  it('a queue for a lock', () => {
    const locked = (second: number) => {
      const seen = stuck(second, "UPDATE payment_transactions SET status = 'settled' WHERE id = $1")
      return observation(second, { [BAD]: { requests: 20, active: 9, locked: 8 } }, seen.database)
    }
    const { first } = told({ seen: locked, migrations: [], explain: () => FAST_PLAN })
    expect(first).toMatchObject({ kind: 'lock-queue' })
    expect(first?.evidence[0]).toContain('waited for a lock')
  })

  it('a full pool over an idle database', () => {
    const idle = (second: number) =>
      observation(second, {
        [BAD]: { requests: 20, errors: 5, used: 100, pending: 40, active: 1, idleInTransaction: 90 },
      })
    expect(told({ seen: idle, migrations: [] }).first).toMatchObject({ kind: 'pool-exhausted', statement: null })
  })

  it('is not "a full pool" when the database could not be looked at', () => {
    const blind = (second: number) =>
      observation(second, { [BAD]: { requests: 20, errors: 5, used: 100, pending: 40 } }, null)
    expect(told({ seen: blind, migrations: [] }).first?.kind).toBe('unknown')
  })
})

describe('thin evidence', () => {
  it('is called unknown, once, after it has waited for more', () => {
    const { causes } = told({ seen: calm, migrations: [] })
    expect(causes).toMatchObject([{ second: 17 + UNKNOWN_LOOKS, cause: { kind: 'unknown', score: 0 } }])
  })

  it('without a release names no release, and shows the statement that takes the time', () => {
    const { first } = told({ release: false })
    expect(first).toMatchObject({
      kind: 'unknown',
      release: null,
      statement: expect.stringContaining('payment_transactions'),
    })
    expect(first?.evidence[0]).toBe('no release in the last day')
  })

  it('gives way to a cause that is found later', () => {
    const { causes } = told({ seen: (second) => (second < 32 ? calm(second) : stuck(second)), until: 50 })
    expect(causes.map(({ cause }) => cause.kind)).toEqual(['unknown', 'index-dropped-by-release'])
  })
})

describe('what it says again', () => {
  it('nothing, while the cause is the same, also when the alert comes back', () => {
    const also: Story['also'] = (second, event) => {
      if (second % 30 === 25)
        return [event(second, 'alert.resolved', { rule: 'error-rate', severity: 'critical', value: 0, message: '' })]
      return second % 30 === 5 && second > 20 ? [event(second, 'alert.fired', alert)] : []
    }
    expect(told({ also, until: 200 }).causes).toHaveLength(1)
  })

  it('nothing without an alert', () => {
    expect(told({ until: 18 }).causes).toEqual([])
  })

  it('little, though the suspects change without end', () => {
    const seen = (second: number) =>
      stuck(second, LIST.replace('pt.id,', `pt.id, pt.column_${Math.floor(second / 3)},`))
    const { causes, asked } = told({ seen, migrations: [], until: 300 })
    expect(causes.length).toBeLessThanOrEqual(MAX_NAMINGS)
    expect(asked.length).toBeLessThanOrEqual(12)
  })

  it('is taken from the ledger after a restart', () => {
    const { first } = told()
    const monitor = diagnosisMonitor({ service: SERVICE })
    const event = ledger()
    if (first === undefined) throw new Error('no cause was named')
    const restarted = monitor.note(monitor.initial, event(1, 'cause.named', first))
    expect(restarted.named).toMatchObject({ kind: 'index-dropped-by-release' })
    expect(at(0)).toBeGreaterThan(0)
  })
})
