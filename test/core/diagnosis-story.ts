/** Tells the diagnosis a story second by second, answers its questions, and keeps what it says. */
import { ms } from '../../src/base/time.ts'
import { diagnosisMonitor } from '../../src/core/diagnose/diagnosis.ts'
import type { CauseFact, Facts, IndexFact, NewEvent } from '../../src/core/events.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'
import type { Observation, StatementDelta } from '../../src/core/watch/samples.ts'
import { BAD, GOOD, ledger, observation, running, SERVICE } from './observe.ts'
import { PENDING_PLAN } from './plans.ts'
import { request } from './release-bench.ts'

export const LIST = `SELECT pt.id, pt.created_at FROM payment_transactions pt
  LEFT JOIN customer_data cd ON pt.customer_id = cd.id
  WHERE pt.status = 'pending' ORDER BY pt.created_at DESC`
export const PAY = 'INSERT INTO payment_transactions (idempotency_key, amount_cents) VALUES ($1, $2) RETURNING id'
export const INDEX: IndexFact = {
  name: 'idx_payment_transactions_created_at',
  table: 'payment_transactions',
  definition:
    "CREATE INDEX idx_payment_transactions_created_at ON public.payment_transactions USING btree (created_at) WHERE (status = 'pending'::text)",
}
export const FAST_PLAN: PlanNode = {
  'Node Type': 'Index Scan',
  'Relation Name': 'payment_transactions',
  'Index Name': 'pk',
  'Total Cost': 8,
  'Plan Rows': 1,
}

export const migration = (
  dropped: readonly IndexFact[],
  created: readonly IndexFact[] = [],
): Facts['migration.applied'] => ({
  release: BAD,
  file: '0005_review.sql',
  line: 9,
  sql: 'DROP INDEX …',
  took: ms(12),
  dropped,
  created,
})

export const alert: Facts['alert.fired'] = {
  rule: 'error-rate',
  severity: 'critical',
  release: null,
  value: 13.5,
  threshold: 5,
  unit: '%',
  message: '',
}
export const delta = (query: string, calls: number, totalMs: number): StatementDelta => ({
  queryId: query.slice(0, 40),
  query,
  calls,
  totalMs,
  rows: calls,
})
export const kept = (query: string) => query.replace("'pending'", '$1')

/** Seconds 0–9 the good release; requested at 10, migrated at 11, all traffic at 12; the alert at 18. */
export const calm = (second: number) =>
  observation(second, { [GOOD]: { requests: 60, active: 1 } }, { statements: [delta(PAY, 60, 180)] })
export const stuck = (second: number, query = LIST): Observation =>
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

export interface Story {
  readonly migrations?: readonly Facts['migration.applied'][]
  readonly seen?: (second: number) => Observation
  readonly release?: boolean
  readonly until?: number
  /** Null: never answered. */
  readonly explain?: ((query: string) => PlanNode | string) | null
  readonly bad?: boolean
  readonly also?: (second: number, event: ReturnType<typeof ledger>) => readonly ReturnType<ReturnType<typeof ledger>>[]
}

export function told(story: Story = {}) {
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
