/** Plans a workload: a generic plan and plans with values for each query. */
import pg from 'pg'
import { Problem } from '../../base/problem.ts'
import type { PlannedQuery, VariantPlan } from '../../core/check/plans.ts'
import type { Snapshot, WorkloadQuery } from '../../core/check/snapshot.ts'
import { chooseVariants, type Variant } from '../../core/check/variants/choose.ts'
import { parametersOf } from '../../core/check/variants/parameters.ts'
import { targetsOfPlan, targetsOfText } from '../../core/check/variants/scope.ts'
import { plannablePart } from '../../core/check/variants/statement.ts'
import { Statistics } from '../../core/check/variants/statistics.ts'
import { typeValue } from '../../core/check/variants/type-values.ts'
import type { PlanNode } from '../../core/postgres/plan-node.ts'
import type { PlanQueries } from './contracts.ts'
import { execution, type Prepared, prepare } from './planner/prepare.ts'
import { PlanReader } from './planner/prune.ts'
import { ConnectionLost, QuerySession, type TextRows } from './planner/session.ts'
import { TypeCatalog } from './planner/types.ts'

const GENERIC = 'set plan_cache_mode = force_generic_plan; explain (format json, generic_plan)'
const CUSTOM = 'set plan_cache_mode = force_custom_plan; explain (format json)'
const REFUSED_BY_DOMAIN = new Set(['23502', '23514'])
/** A query whose connection breaks is tried once more; then it is taken to be the cause. */
const MAX_TRIES = 2

/** What all queries of one call share. */
interface Shared {
  readonly snapshot: Snapshot
  readonly statistics: Statistics
  readonly types: TypeCatalog
  readonly reader: PlanReader
  /** Tables with extended statistics, by name without schema. */
  readonly extended: ReadonlyMap<string, readonly string[]>
}

type Outcome = Omit<PlannedQuery, 'query'>

const unplanned = (reason: string, sqlState: string | null = null): Outcome => ({
  variants: [],
  unplanned: { reason, sqlState },
  remarks: [],
})

const planIn = (rows: TextRows | undefined): string | null => rows?.[0]?.['QUERY PLAN'] ?? null

/** Plans one query on one session. */
class QueryPlanner {
  private readonly session: QuerySession
  private readonly shared: Shared
  /** Plans of this query by their JSON: variants with the same plan share it. */
  private readonly seen = new Map<string, PlanNode>()

  constructor(session: QuerySession, shared: Shared) {
    this.session = session
    this.shared = shared
  }

  async plan(query: WorkloadQuery): Promise<Outcome> {
    const part = plannablePart(query.text)
    if (part.kind === 'not-plannable') return unplanned(part.reason)
    const found = part.preparable ? await this.prepared(part.sql) : await this.direct(part.sql)
    const remarks = [...part.remarks, ...found.remarks, ...this.remarksOn(found.variants)]
    return { ...found, remarks }
  }

  /** What PREPARE does not take, EXPLAIN may. */
  private async direct(sql: string): Promise<Outcome> {
    const [rows] = await this.session.send(`explain (format json) ${sql}\n`)
    return { variants: this.withoutParameters(planIn(rows)), unplanned: null, remarks: [] }
  }

  private async prepared(sql: string): Promise<Outcome> {
    const follow = (count: number) =>
      count === 0 ? `${CUSTOM} ${execution([])}` : `${GENERIC} ${execution(Array.from({ length: count }, () => null))}`
    const { prepared, json } = await this.prepareAndExplain(sql, follow)
    if (prepared.types.length === 0)
      return { variants: this.withoutParameters(json), unplanned: null, remarks: prepared.remarks }
    const generic = this.read(json)
    const remarks = [...prepared.remarks]
    const variants = await this.custom(prepared, generic, remarks)
    const all: VariantPlan[] = [{ variant: 'generic', values: [], weight: 0, plan: generic }, ...variants]
    return { variants: all, unplanned: null, remarks }
  }

  /** Domains that take no NULL get a value, on which a generic plan does not depend either. */
  private async prepareAndExplain(sql: string, follow: (count: number) => string) {
    const { types } = this.shared
    try {
      const prepared = await prepare(this.session, { sql, types, follow })
      return { prepared, json: planIn(prepared.followed.at(-1)) }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || !REFUSED_BY_DOMAIN.has(error.code ?? '')) throw error
      const prepared = await prepare(this.session, { sql, types, follow: () => 'select' })
      const values = prepared.types.map((type) => typeValue(type, this.shared.snapshot.takenAt.slice(0, 10)))
      const results = await this.session.send(`${GENERIC} ${execution(values)}`)
      return { prepared, json: planIn(results.at(-1)) }
    }
  }

  /** Without parameters the plan is the same however it is made. */
  private withoutParameters(json: string | null): readonly VariantPlan[] {
    const plan = this.read(json)
    return [
      { variant: 'generic', values: [], weight: 0, plan },
      { variant: 'common 1', values: [], weight: 1, plan },
    ]
  }

  private async custom(prepared: Prepared, generic: PlanNode, remarks: string[]): Promise<readonly VariantPlan[]> {
    const { statistics, snapshot } = this.shared
    const today = snapshot.takenAt.slice(0, 10)
    const parameters = parametersOf(prepared.types, {
      text: targetsOfText(prepared.sql, statistics),
      plan: targetsOfPlan(generic, statistics),
      statistics,
    })
    const chosen = chooseVariants(parameters, today)
    const together = await this.together(chosen)
    if (together !== null) return together
    const found: VariantPlan[] = []
    for (const variant of chosen) {
      const plan = await this.alone(variant, remarks)
      if (plan !== null) found.push(plan)
    }
    if (found.length > 0) return weighed(found)
    const values = prepared.types.map((type) => typeValue(type, today))
    const last = await this.alone({ variant: 'median', values, weight: 1 }, remarks)
    return last === null ? [] : weighed([last])
  }

  /** All in one message; null when one of them fails. */
  private async together(variants: readonly Variant[]): Promise<readonly VariantPlan[] | null> {
    try {
      const explains = variants.map(({ values }) => `${CUSTOM} ${execution(values)}`)
      const results = await this.session.send(explains.join('; '))
      const plans = results.flatMap((rows) => planIn(rows) ?? [])
      return variants.map((variant, index) => ({ ...variant, plan: this.read(plans[index] ?? null) }))
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      return null
    }
  }

  private async alone(variant: Variant, remarks: string[]): Promise<VariantPlan | null> {
    try {
      const results = await this.session.send(`${CUSTOM} ${execution(variant.values)}`)
      return { ...variant, plan: this.read(planIn(results.at(-1))) }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      remarks.push(`no plan with the values "${variant.variant}": ${error.message}`)
      return null
    }
  }

  private read(json: string | null): PlanNode {
    if (json === null) throw new TypeError('EXPLAIN gave nothing')
    const plan = this.seen.get(json) ?? this.shared.reader.read(json)
    this.seen.set(json, plan)
    return plan
  }

  private remarksOn(variants: readonly VariantPlan[]): readonly string[] {
    if (this.shared.extended.size === 0) return []
    const tables = new Set(variants.flatMap(({ plan }) => tablesOf(plan)))
    const names = [...tables].flatMap((table) => this.shared.extended.get(table) ?? [])
    if (names.length === 0) return []
    const list = [...new Set(names)].join(', ')
    return [`production plans it with extended statistics (${list}), which cannot be restored: row counts may differ`]
  }
}

const weighed = (plans: readonly VariantPlan[]): readonly VariantPlan[] => {
  const total = plans.reduce((sum, { weight }) => sum + weight, 0)
  return plans.map((one) => ({ ...one, weight: one.weight / total }))
}

function tablesOf(plan: PlanNode): readonly string[] {
  const own = plan['Relation Name']
  return [...(own === undefined ? [] : [own]), ...(plan.Plans ?? []).flatMap(tablesOf)]
}

function extendedBy(snapshot: Snapshot): Shared['extended'] {
  const found = new Map<string, string[]>()
  for (const { name, table } of snapshot.extendedStatistics) {
    const short = table.replace(/^.*\./, '').replaceAll('"', '')
    found.set(short, [...(found.get(short) ?? []), name])
  }
  return found
}

/** One query, whatever happens to it. */
async function planOne(session: QuerySession, query: WorkloadQuery, shared: Shared): Promise<PlannedQuery> {
  let lost = ''
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    try {
      await session.become(query.role)
      return { query, ...(await new QueryPlanner(session, shared).plan(query)) }
    } catch (error) {
      if (error instanceof pg.DatabaseError) return { query, ...unplanned(error.message, error.code ?? null) }
      session.signal.throwIfAborted()
      if (error instanceof Problem) throw error
      if (!(error instanceof ConnectionLost))
        return { query, ...unplanned(`it could not be planned: ${String(error)}`) }
      lost = error.message
    }
  }
  return { query, ...unplanned(lost) }
}

/** See {@link PlanQueries}. */
export const planQueries: PlanQueries = async (request) => {
  const { connectionString, queries, snapshot, signal } = request
  signal.throwIfAborted()
  const count = Math.max(1, Math.min(request.connections, queries.length))
  const sessions = Array.from({ length: count }, () => new QuerySession({ connectionString, snapshot, signal }))
  const planned: PlannedQuery[] = []
  // Queries of one role follow one another: its settings are set once.
  const order = queries.map((query, index) => ({ query, index })).toSorted((a, b) => compareRoles(a.query, b.query))
  const [first] = sessions
  try {
    if (first === undefined || queries.length === 0) return []
    const shared: Shared = {
      snapshot,
      statistics: new Statistics(snapshot),
      types: await TypeCatalog.load(first),
      reader: new PlanReader(),
      extended: extendedBy(snapshot),
    }
    let next = 0
    const work = async (session: QuerySession) => {
      for (let item = order[next++]; item !== undefined; item = order[next++]) {
        signal.throwIfAborted()
        planned[item.index] = await planOne(session, item.query, shared)
      }
    }
    await Promise.all(sessions.map(work))
    return planned
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}

const compareRoles = (a: WorkloadQuery, b: WorkloadQuery): number => {
  const [left, right] = [a.role ?? '', b.role ?? '']
  return left < right ? -1 : left > right ? 1 : 0
}
