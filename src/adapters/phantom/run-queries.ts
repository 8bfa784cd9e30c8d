/** Runs each query of a workload on a handful of rows and undoes it: does the schema still let it? */
import pg from 'pg'
import type { RunCheck } from '../../core/check/plans.ts'
import type { Snapshot, WorkloadQuery } from '../../core/check/snapshot.ts'
import { highestParameter } from '../../core/check/variants/repair.ts'
import { targetsOfText } from '../../core/check/variants/scope.ts'
import { plannablePart } from '../../core/check/variants/statement.ts'
import type { Target } from '../../core/check/variants/targets.ts'
import { fitted, type ParameterType, typeValue } from '../../core/check/variants/type-values.ts'
import { UnterminatedSql } from '../../core/postgres/scan.ts'
import { splitSql } from '../../core/postgres/split.ts'
import type { RunQueries } from './contracts.ts'
import { execution, prepare } from './planner/prepare.ts'
import { ConnectionLost, QuerySession } from './planner/session.ts'
import { TablesWithRows } from './planner/tables.ts'
import { TypeCatalog } from './planner/types.ts'

/** There is a handful of rows: what takes longer waits or loops. */
const LIMITS = 'set local statement_timeout = 5000; set local lock_timeout = 2000'
/** Runs all of it, triggers and RETURNING too, and sends no rows. */
const RUN = 'explain (analyze, costs off, timing off, summary off, buffers off)'
/** Run as they are; other utility statements have nothing that a change of the schema could break, or undo our transaction. */
const UTILITIES = new Set(['truncate', 'lock', 'call', 'do', 'refresh', 'analyze', 'show', 'set', 'notify', 'listen'])
const FIXED: Partial<Record<Target['use'], string>> = { limit: '10', offset: '0', unit: 'day', zone: 'UTC' }
const MAX_TRIES = 2
const MAX_INTEGERS: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647 }

/** A value like another one, which is not there yet: for columns that must be unique. */
function fresh(values: readonly string[], type: ParameterType, today: string): string | null {
  const value = values.at(-1)
  if (type.name === 'uuid') return 'ffffffff-ffff-4fff-bfff-fffffffffffe'
  if (type.category === 'N') {
    const next = Math.floor(Math.max(0, ...values.map(Number))) + 1009
    const limit = MAX_INTEGERS[type.name] ?? Number.MAX_SAFE_INTEGER
    // Production's keys may be at their end: then below it.
    return String(Number.isFinite(next) && next <= limit ? next : limit - 1013)
  }
  if (type.category !== 'S' || value === undefined || value === '') return typeValue(type, today)
  return `${value.slice(0, -1)}${value.endsWith('~') ? '-' : '~'}`
}

class Trial {
  private readonly session: QuerySession
  private readonly shared: { types: TypeCatalog; tables: TablesWithRows; snapshot: Snapshot }

  constructor(session: QuerySession, shared: { types: TypeCatalog; tables: TablesWithRows; snapshot: Snapshot }) {
    this.session = session
    this.shared = shared
  }

  async run(query: WorkloadQuery): Promise<void> {
    const part = plannablePart(query.text)
    if (part.kind === 'not-plannable') return this.utility(query.text)
    if (!part.preparable) return this.undone(`${RUN} ${part.sql}\n`)
    const { types } = this.shared
    const prepared = await prepare(this.session, { sql: part.sql, types, follow: () => 'select 1' })
    const targets = targetsOfText(prepared.sql, this.shared.tables)
    const values: (string | null)[] = []
    for (const [index, type] of prepared.types.entries()) {
      const own = targets.filter(({ parameter }) => parameter === index + 1)
      values.push(await this.value(own.find(({ column }) => column !== null) ?? own[0], type))
    }
    return this.undone(`${RUN} ${execution(values)}`)
  }

  private async utility(text: string): Promise<void> {
    const [statement, ...more] = splitOrNothing(text)
    const runs = statement !== undefined && more.length === 0 && UTILITIES.has(statement.words[0] ?? '')
    if (runs && highestParameter(statement.sql) === 0) await this.undone(statement.sql)
  }

  /** Deferred constraints are checked before all is undone. */
  private async undone(sql: string): Promise<void> {
    try {
      await this.session.send(`begin; ${LIMITS}; ${sql}; set constraints all immediate; rollback`)
    } catch (error) {
      if (error instanceof pg.DatabaseError) await this.session.send('rollback')
      throw error
    }
  }

  private async value(target: Target | undefined, type: ParameterType): Promise<string | null> {
    const today = this.shared.snapshot.takenAt.slice(0, 10)
    const fixed = target === undefined ? undefined : FIXED[target.use]
    if (fixed !== undefined) return fixed
    const found = target === undefined ? null : await this.fromRows(target, type)
    return found ?? typeValue(type, today)
  }

  private async fromRows(target: Target, type: ParameterType): Promise<string | null> {
    const { column, use } = target
    const { tables, snapshot } = this.shared
    if (column === null) return null
    const element = use === 'equal' ? type.element : null
    if (use !== 'inserted') {
      const [value] = await tables.valuesOf(this.session, column)
      if (value === undefined) return null
      if (element === null) return fitted(value, type)
      return fitted(value, element) === null ? null : `{"${value.replace(/["\\]/g, '\\$&')}"}`
    }
    const referenced = tables.referenced(column)
    const values = await tables.valuesOf(this.session, referenced ?? column)
    const last = values.at(-1)
    if (referenced === null && tables.isUnique(column)) return fresh(values, type, snapshot.takenAt.slice(0, 10))
    return last === undefined ? null : fitted(last, type)
  }
}

function splitOrNothing(text: string) {
  try {
    return splitSql(text)
  } catch (error) {
    if (error instanceof UnterminatedSql) return []
    throw error
  }
}

async function tryOne(session: QuerySession, query: WorkloadQuery, trial: Trial): Promise<RunCheck> {
  let lost: RunCheck['error'] = null
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    try {
      await session.become(query.role)
      await trial.run(query)
      return { query, error: null }
    } catch (error) {
      if (error instanceof pg.DatabaseError)
        return { query, error: { message: error.message, sqlState: error.code ?? null } }
      if (!(error instanceof ConnectionLost)) throw error
      lost = { message: error.message, sqlState: null }
    }
  }
  return { query, error: lost }
}

/** See {@link RunQueries}. */
export const runQueries: RunQueries = async ({ connectionString, queries, snapshot, signal }) => {
  signal.throwIfAborted()
  const session = new QuerySession({ connectionString, snapshot, signal })
  try {
    if (queries.length === 0) return []
    const shared = {
      snapshot,
      types: await TypeCatalog.load(session),
      tables: await TablesWithRows.load(
        session,
        queries.map(({ text }) => text),
      ),
    }
    const trial = new Trial(session, shared)
    const checks: RunCheck[] = []
    for (const query of queries) {
      signal.throwIfAborted()
      checks.push(await tryOne(session, query, trial))
    }
    return checks
  } finally {
    await session.close()
  }
}
