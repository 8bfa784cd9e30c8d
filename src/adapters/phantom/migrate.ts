/** Runs a change on the phantom and writes down what each statement really did. */
import pg from 'pg'
import { estimateDuration } from '../../core/check/duration.ts'
import type { AppliedStatement, ApplyFailure, TakenLock } from '../../core/check/plans.ts'
import type { ParsedFile, ParsedStatement } from '../../core/check/sql.ts'
import type { ApplyChange } from './contracts.ts'
import { documentedLock } from './migrate/documented-locks.ts'
import { effectOf, subjectOf } from './migrate/effect.ts'
import { failureOf } from './migrate/failure.ts'
import { type Difference, Inventory, isStronger } from './migrate/inventory.ts'
import { RolesOfChange } from './migrate/roles.ts'
import { MigrationSession } from './migrate/session.ts'
import { kindOf, notRunHere, relationsIn, transactionStep } from './migrate/tree.ts'

/** "Cannot run inside a transaction block", and a procedure that wants to commit. */
const NEEDS_NO_TRANSACTION = new Set(['25001', '2D000'])
const NOTHING = { rows: 0, tableBytes: 0, indexBytes: 0 }

type Request = Parameters<ApplyChange>[0]
interface At {
  readonly file: ParsedFile
  readonly statement: ParsedStatement
}

class Application {
  private readonly request: Request
  private readonly session: MigrationSession
  private readonly inventory = new Inventory()
  private readonly roles: RolesOfChange
  private readonly applied: AppliedStatement[] = []
  private count = 0
  /** A transaction that statements share; false: each has its own. */
  private open = false
  private transaction = -1

  constructor(request: Request) {
    this.request = request
    this.session = new MigrationSession(request.client, request.signal)
    this.roles = new RolesOfChange(request.files)
  }

  async run(): ReturnType<ApplyChange> {
    const { files, snapshot, record } = this.request
    await this.session.open(snapshot)
    try {
      await this.roles.provide(this.session)
      if (record) await this.inventory.open(this.session, snapshot)
      for (const file of files) {
        if (this.isDone()) break
        await this.session.begin(snapshot)
        const failure = await this.file(file)
        if (failure !== null) return { applied: this.applied, failure }
      }
      return { applied: this.applied, failure: null }
    } finally {
      await this.session.close()
    }
  }

  private isDone(): boolean {
    return this.request.upTo !== undefined && this.count >= this.request.upTo
  }

  private async file(file: ParsedFile): Promise<ApplyFailure | null> {
    const statements = file.statements.filter(({ origin }) => origin === 'file')
    // Sent as one message, a single statement is no transaction block: CONCURRENTLY works in it.
    const alone = statements.length === 1 && file.format === 'golang-migrate'
    if (file.transactional && !alone) await this.begin('begin')
    let last: At | null = null
    for (const statement of statements) {
      if (this.isDone()) break
      last = { file, statement }
      try {
        await this.statement(last)
      } catch (error) {
        this.request.signal.throwIfAborted()
        if (!(error instanceof pg.DatabaseError)) throw error
        return failureOf(error, last)
      }
      this.count += 1
    }
    // Deferred constraints speak up here.
    try {
      if (this.open) await this.end('commit')
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || last === null) throw error
      return failureOf(error, last)
    }
    return null
  }

  private async begin(sql: string): Promise<void> {
    await this.session.send(sql)
    if (!this.open) this.transaction += 1
    this.open = true
  }

  private async end(sql: string): Promise<void> {
    this.open = false
    this.inventory.released()
    await this.session.send(sql)
  }

  private async statement(at: At): Promise<void> {
    const { statement } = at
    const reason = notRunHere(statement.node) ?? this.roles.reasonToSkip(statement.node)
    if (reason !== null) return this.note(at, reason)
    const step = transactionStep(statement)
    if (step !== null) {
      await this.transactionStatement(step, statement.sql)
      return this.note(at, 'changes the transaction only')
    }
    if (this.open) return this.inTransaction(at)
    await this.session.send('begin')
    this.transaction += 1
    try {
      await this.inTransaction(at)
      await this.session.send('commit')
      this.inventory.released()
    } catch (error) {
      await this.session.send('rollback')
      this.inventory.released()
      if (!(error instanceof pg.DatabaseError) || !NEEDS_NO_TRANSACTION.has(error.code ?? '')) throw error
      await this.outsideTransaction(at)
    }
  }

  private async transactionStatement(step: NonNullable<ReturnType<typeof transactionStep>>, sql: string) {
    if (step === 'begin') return this.begin(sql)
    if (step === 'commit' || step === 'rollback') await this.end(sql)
    else await this.session.send(sql)
    if ((step === 'rollback' || step === 'partial-rollback') && this.request.record)
      await this.inventory.reload(this.session)
  }

  private async inTransaction(at: At): Promise<void> {
    const { sql } = at.statement
    if (!this.request.record) return this.session.send(sql)
    if (isPlainInsert(at.statement)) {
      // Files of data have thousands of them, and there is nothing to see.
      await this.session.send(sql)
      return this.keep(at, { messages: [], difference: NO_DIFFERENCE, locks: this.locksByDocument(at.statement) })
    }
    const messages = await this.session.tell(sql)
    const difference = await this.inventory.observe(this.session)
    this.keep(at, { messages, difference, locks: this.locksOf(at.statement, difference) })
  }

  private async outsideTransaction(at: At): Promise<void> {
    if (!this.request.record) return this.session.send(at.statement.sql)
    const locks = this.locksByDocument(at.statement)
    const messages = await this.session.tell(at.statement.sql)
    const difference = await this.inventory.reload(this.session)
    const named = new Set([...difference.created, ...difference.rewritten, ...difference.dropped].map(({ oid }) => oid))
    const invalid = difference.invalid.filter(({ oid }) => named.has(oid))
    this.keep(at, { messages, difference: { ...difference, invalid }, locks })
  }

  /** What pg_locks shows, and what the transaction held already of what this statement needs too. */
  private locksOf(statement: ParsedStatement, difference: Difference): readonly TakenLock[] {
    const taken = new Map<string, TakenLock>()
    const tables = new Set(difference.locks.keys())
    for (const [oid, mode] of difference.locks) {
      const relation = difference.before.get(oid)
      // An index that is locked beside its table hinders nobody more.
      if (relation === undefined || (relation.table !== null && tables.has(relation.table))) continue
      taken.set(relation.name, { relation: relation.name, mode })
    }
    for (const lock of this.locksByDocument(statement)) {
      const subject = subjectOf({ statement }, this.inventory)
      const held = subject === null || this.inventory.isNewHere(subject.oid) ? null : this.inventory.heldOn(subject.oid)
      if (held !== null && !isStronger(lock.mode, held) && !taken.has(lock.relation)) taken.set(lock.relation, lock)
    }
    return [...taken.values()]
  }

  private locksByDocument(statement: ParsedStatement): readonly TakenLock[] {
    const { node } = statement
    if (node === null) return []
    const mode = documentedLock(node)
    return this.tablesOf(statement).map((relation) => ({ relation, mode }))
  }

  private tablesOf(statement: ParsedStatement): readonly string[] {
    const { node } = statement
    if (node !== null && 'DropStmt' in node) return this.tablesOfDroppedIndexes(statement)
    if (node !== null && relationsIn(node).length === 0) {
      const everything = ['VacuumStmt', 'ClusterStmt', 'ReindexStmt'].includes(kindOf(node) ?? '')
      return everything ? [...this.inventory.all()].filter(({ kind }) => kind === 'r').map(({ name }) => name) : []
    }
    const subject = subjectOf({ statement }, this.inventory)
    return subject === null || this.inventory.isNewHere(subject.oid) ? [] : [subject.name]
  }

  private tablesOfDroppedIndexes(statement: ParsedStatement): readonly string[] {
    const { node } = statement
    if (node === null || !('DropStmt' in node)) return []
    const names = (node.DropStmt.objects ?? []).map((object) => {
      const items = 'List' in object ? (object.List.items ?? []) : []
      return items.map((item) => ('String' in item ? item.String.sval : '')).join('.')
    })
    const found = [...this.inventory.all()].filter(({ name, schema, relname, table }) => {
      return table !== null && (names.includes(name) || names.includes(`${schema}.${relname}`))
    })
    return [...new Set(found.flatMap(({ table }) => (table === null ? [] : (this.inventory.get(table)?.name ?? []))))]
  }

  private keep(
    at: At,
    did: { messages: readonly string[]; difference: Difference; locks: readonly TakenLock[] },
  ): void {
    const { messages, difference, locks } = did
    const names = (relations: readonly { readonly name: string }[]) => relations.map(({ name }) => name).toSorted()
    this.applied.push({
      ...this.placeOf(at),
      locks,
      rewritten: names(difference.rewritten),
      created: names(difference.created.filter(isTableOrIndex)),
      dropped: names(difference.dropped.filter(isTableOrIndex)),
      invalid: names(difference.invalid),
      ...effectOf({ statement: at.statement, messages, difference }, this.inventory),
    })
  }

  private placeOf({ file, statement }: At) {
    const { line, sql } = statement
    return { ordinal: this.count, file: file.path, line, sql, transaction: Math.max(0, this.transaction) }
  }

  /** A statement that touches no relation. */
  private note(at: At, basis: string): void {
    if (!this.request.record) return
    const nothing = { locks: [], rewritten: [], created: [], dropped: [], invalid: [] }
    const estimate = { ...estimateDuration('instant', NOTHING), basis }
    this.applied.push({ ...this.placeOf(at), ...nothing, work: 'instant', workOn: null, estimate })
  }
}

const NO_DIFFERENCE: Difference = {
  created: [],
  dropped: [],
  rewritten: [],
  invalid: [],
  locks: new Map(),
  before: new Map(),
}

const isTableOrIndex = ({ kind }: { readonly kind: string }): boolean => ['r', 'p', 'm', 'f', 'i', 'I'].includes(kind)

/** `INSERT … VALUES`; statements too long for a tree are told by their first word. */
function isPlainInsert({ node, sql }: ParsedStatement): boolean {
  if (node === null) return /^insert\b/i.test(sql)
  if (!('InsertStmt' in node)) return false
  const select = node.InsertStmt.selectStmt
  return select === undefined || ('SelectStmt' in select && select.SelectStmt.valuesLists !== undefined)
}

/** See {@link ApplyChange}. */
export const applyChange: ApplyChange = (request) => new Application(request).run()
