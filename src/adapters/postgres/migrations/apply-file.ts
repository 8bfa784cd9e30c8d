import type pg from 'pg'
import { type Clock, type DurationMs, ms } from '../../../base/time.ts'
import type { ReleaseId } from '../../../base/units.ts'
import type { AppliedStatement, IndexFact } from '../../../core/events.ts'
import type { SqlStatement } from '../../../core/postgres/split.ts'
import { codeOf, isUnreachable } from '../watched/client.ts'
import { type IndexState, readIndexes } from '../watched/indexes.ts'
import { waitsByDesign } from './files.ts'
import { remember } from './memory.ts'
import type { MigrationFile } from './migration-file.ts'
import { indexInvalid, lineOfError, lockTimeout, migrationFailed } from './problems.ts'

/** One file on its way into the database. */
export interface FileRun {
  readonly client: pg.Client
  readonly file: MigrationFile
  readonly release: ReleaseId
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How long a statement may wait for a lock, and with it hold up everybody behind it. */
  readonly lockTimeout: DurationMs
  /** Attempts in all when a lock is not to be had. */
  readonly lockAttempts: number
  /** What ran of this file before, when it was not one transaction and failed half-way. */
  readonly before: readonly AppliedStatement[]
}

/** lock_not_available, deadlock_detected. */
const LOCK_TROUBLE = new Set(['55P03', '40P01'])
/** Before the second attempt; doubled before each further one. */
const FIRST_PAUSE = ms(500)
const LONGEST_PAUSE = ms(10_000)
/** First words of statements that cannot change an index. */
const NO_DDL = new Set(['insert', 'update', 'delete', 'merge', 'comment', 'grant', 'revoke', 'set', 'analyze', 'lock'])

/** Longer statements are told up to here: a ledger is no place for a load of data. */
export const MAX_TOLD_SQL_CHARS = 20_000

const toldSql = (sql: string): string =>
  sql.length > MAX_TOLD_SQL_CHARS ? `${sql.slice(0, MAX_TOLD_SQL_CHARS)}…` : sql

const facts = (of: readonly IndexState[], without: readonly IndexState[]): IndexFact[] => {
  const known = new Set(without.map(({ name, definition }) => `${name}\n${definition}`))
  return of
    .filter(({ name, definition }) => !known.has(`${name}\n${definition}`))
    .map(({ name, table, definition }) => ({ name, table, definition }))
}

/** Runs one file statement by statement and knows which it was at, for the message when one fails. */
class FileApplication {
  private readonly run: FileRun
  private indexes: readonly IndexState[] = []
  private applied: readonly AppliedStatement[] = []
  private current: SqlStatement | null = null

  constructor(run: FileRun) {
    this.run = run
  }

  async apply(): Promise<void> {
    await this.query('reset all')
    await this.becomeOurselves()
    await (this.run.file.transactional ? this.inOneTransaction() : this.oneByOne())
  }

  private async inOneTransaction(): Promise<void> {
    await this.patiently(async () => {
      this.applied = []
      await this.query('begin')
      try {
        await this.query(`set local lock_timeout = ${this.run.lockTimeout}`)
        this.indexes = await readIndexes(this.run.client)
        for (const statement of this.run.file.statements) await this.statement(statement)
        this.current = null
        await this.record({ finished: true })
        await this.query('commit')
      } catch (error) {
        // A connection that is gone has rolled back by itself.
        await this.query('rollback').catch(() => undefined)
        throw error
      }
    })
  }

  private async oneByOne(): Promise<void> {
    const { file, before } = this.run
    const changed = before.findIndex((ran, index) => ran.sql !== toldSql(file.statements[index]?.sql ?? ''))
    this.applied = changed === -1 ? before : before.slice(0, changed)
    this.indexes = await readIndexes(this.run.client)
    for (const statement of file.statements.slice(this.applied.length)) {
      const waits = waitsByDesign(statement)
      await this.query(`set lock_timeout = ${waits ? 0 : this.run.lockTimeout}`)
      if (waits) await this.once(() => this.statement(statement))
      else await this.patiently(() => this.statement(statement))
      this.refuseInvalidIndex(statement)
      await this.record({ finished: false })
    }
    await this.record({ finished: true })
  }

  private async statement(statement: SqlStatement): Promise<void> {
    const { clock, release, file, signal } = this.run
    signal.throwIfAborted()
    this.current = statement
    const start = clock.monotonic()
    await this.query(statement.sql)
    const took = ms(clock.monotonic() - start)
    const before = this.indexes
    if (!NO_DDL.has(statement.words[0] ?? '')) this.indexes = await readIndexes(this.run.client)
    const [dropped, created] = [facts(before, this.indexes), facts(this.indexes, before)]
    const { line } = statement
    this.applied = [
      ...this.applied,
      { release, file: file.name, line, sql: toldSql(statement.sql), took, dropped, created },
    ]
  }

  /** IF NOT EXISTS is content with an index that a failed build left behind: nobody else would notice. */
  private refuseInvalidIndex(statement: SqlStatement): void {
    const indexes = this.indexes
      .filter(({ name, valid }) => !valid && statement.sql.includes(name))
      .map(({ name }) => name)
    if (indexes.length > 0) throw indexInvalid({ file: this.run.file, line: statement.line, indexes })
  }

  /** Tries again while a lock is not to be had; other failures are told at once. */
  private async patiently(work: () => Promise<void>): Promise<void> {
    const { clock, signal, lockAttempts, file } = this.run
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work()
      } catch (error) {
        if (!LOCK_TROUBLE.has(codeOf(error))) throw await this.told(error)
        const line = this.current?.line ?? 1
        if (attempt >= lockAttempts) throw lockTimeout({ file, line, error, attempts: attempt })
      }
      await clock.sleep(ms(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))), signal)
      signal.throwIfAborted()
    }
  }

  private async once(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw await this.told(error)
    }
  }

  /** What a failing statement means; any other error as it is. */
  private async told(error: unknown): Promise<unknown> {
    if (this.current === null || !/^[0-9A-Z]{5}$/.test(codeOf(error)) || isUnreachable(error)) return error
    const after = this.run.file.transactional ? [] : await readIndexes(this.run.client)
    const before = new Set(this.indexes.map(({ name }) => name))
    const invalid = after.filter(({ name, valid }) => !valid && !before.has(name)).map(({ name }) => name)
    const line = lineOfError(this.current, error)
    return migrationFailed({ file: this.run.file, line, error, applied: this.applied.length, invalid })
  }

  private async record({ finished }: { finished: boolean }): Promise<void> {
    const { file, clock, client } = this.run
    await this.becomeOurselves()
    return remember(client, { file, appliedAt: finished ? clock.now() : null, statements: this.applied })
  }

  /** A file may have taken another role, which need not know our table. */
  private async becomeOurselves(): Promise<void> {
    await this.query('reset session authorization')
    await this.query('reset role')
  }

  private query(sql: string): Promise<unknown> {
    return this.run.client.query(sql)
  }
}

/**
 * Applies one file: in one transaction, all or nothing, unless a statement of it is CONCURRENTLY; then one by one.
 * @throws Problem `migration-failed`, `migration-lock-timeout`, `index-invalid`
 */
export const applyFile = (run: FileRun): Promise<void> => new FileApplication(run).apply()
