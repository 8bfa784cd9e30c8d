/** What a lint rule is, and what it may know. One rule, one file in `rules/`, one page `docs/rules/<id>.md`. */
import type { LockMode, TextEdit, Work } from '../finding.ts'
import type { FindingSeverity } from '../severity.ts'
import type { SequenceSnapshot } from '../snapshot.ts'
import type { ParsedFile, ParsedStatement } from '../sql.ts'

/** A column, as far as it is known before a statement. */
export interface KnownColumn {
  readonly name: string
  /** As format_type writes it, such as `character varying(40)`; null when not known. */
  readonly type: string | null
  readonly notNull: boolean | null
}

/** An index, as far as it is known before a statement. */
export interface KnownIndex {
  readonly schema: string
  readonly name: string
  readonly table: string
  /** CREATE INDEX as text. */
  readonly definition: string
  readonly unique: boolean
  readonly valid: boolean
  /** Created by the change under check, before this statement. */
  readonly isNew: boolean
  /** Plain columns in order; null stands for an expression. Empty when they are not known. */
  readonly columns: readonly (string | null)[]
  readonly partial: boolean
  /** From the snapshot; null without one. */
  readonly bytes: number | null
  readonly scans: number | null
}

/** A constraint, as far as it is known before a statement. */
export interface KnownConstraint {
  readonly name: string
  readonly kind: 'primary' | 'unique' | 'foreign' | 'check' | 'exclude' | 'not-null'
  readonly columns: readonly string[]
  readonly validated: boolean
  /** CHECK: its expression; foreign key: the table that it points to. Null when not known. */
  readonly detail: string | null
  readonly isNew: boolean
}

/** A table, as far as it is known before a statement: from the snapshot, and from the statements before. */
export interface KnownTable {
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'partitioned' | 'partition' | 'view' | 'materialized-view'
  /** Created by the change under check, before this statement: empty, and used by nobody. */
  readonly isNew: boolean
  /** Created in the same transaction as this statement. */
  readonly isNewInTransaction: boolean
  /** Null without a snapshot. */
  readonly rows: number | null
  readonly bytes: number | null
  readonly indexBytes: number | null
  /** Statements of the workload that name it, per minute; null without a snapshot that counts. */
  readonly callsPerMinute: number | null
  /** Null when nothing is known of its columns. */
  readonly columns: readonly KnownColumn[] | null
  readonly indexes: readonly KnownIndex[]
  readonly constraints: readonly KnownConstraint[]
}

/** What holds at one statement. */
export interface StatementContext {
  readonly file: ParsedFile
  readonly statement: ParsedStatement
  /** Statements of the file before and after, in order, those of DO blocks included. */
  readonly before: readonly ParsedStatement[]
  readonly after: readonly ParsedStatement[]
  /** Statements of the files of the change that come after this one; missing where nobody looked. */
  readonly later?: readonly ParsedStatement[]
  /** The transaction that it runs in: the file's own, or one opened by BEGIN. Null when it runs alone. */
  readonly transaction: {
    /** Statements of the same transaction before this one. */
    readonly before: readonly ParsedStatement[]
    readonly openedBy: 'tool' | 'statement'
  } | null
  /** Values in force by SET before this statement; null when not set. Milliseconds; 0 means none. */
  readonly lockTimeoutMs: number | null
  readonly statementTimeoutMs: number | null
  /** `server_version_num` of production from the snapshot or the config; null when not known. */
  readonly serverVersion: number | null
  /** True when a snapshot is there: then what it does not know does not exist. */
  readonly hasSnapshot: boolean
  /** Schema and name as the tree has them; the search path is `public` where nothing else is known. */
  table(schema: string | null | undefined, name: string | undefined): KnownTable | null
  index(schema: string | null | undefined, name: string | undefined): KnownIndex | null
  /** Queries of the workload that name a table, the most called first; empty without a snapshot. */
  queriesOn(table: KnownTable): readonly { readonly text: string; readonly callsPerMinute: number | null }[]
  /** Other statement's view of the same kind: tables known before the whole change began. */
  existedBefore(schema: string | null | undefined, name: string | undefined): boolean
  /** Every table that is known before the statement, views included; what points to what can be followed with it. */
  tables?(): readonly KnownTable[]
  /** Sequences of the snapshot; left out or empty without one. */
  readonly sequences?: readonly SequenceSnapshot[]
}

/** What a rule says. The engine turns it into a `Finding`: it adds the place, the table's size, the lock and the estimate. */
export interface LintHit {
  /** Offset in the statement's `sql`; default: its first word. */
  readonly location?: number
  /** One sentence that names the object; without size, lock and duration, which the engine adds. */
  readonly message: string
  readonly remedy: string
  /** The table that is locked or lost; sizes the severity. Leave out where size does not matter. */
  readonly table?: KnownTable | null
  readonly lock?: LockMode
  readonly work?: Work
  /** Overrides the rule's own level. */
  readonly level?: FindingSeverity
  readonly fix?: readonly LintEdit[]
}

/** Offsets in the statement's `sql`; `from` may be negative and `to` beyond it, to reach text around the statement. */
export type LintEdit = TextEdit

/** A lint rule. Pure: the same context gives the same hits. */
export interface LintRule {
  /** Kebab-case; `docs/rules/<id>.md`. */
  readonly id: string
  /** For lists; a few words. */
  readonly title: string
  /** Rules of squawk that say the same: their names work in ignore comments and in the config. */
  readonly squawk: readonly string[]
  /**
   * Without a snapshot. With one, a hit with a table and a lock is raised or lowered by the table's size and traffic;
   * see `severity-by-size.ts`.
   */
  readonly level: FindingSeverity
  /** False: only when the config turns it on. */
  readonly defaultOn: boolean
  /** Called for each statement that could be parsed. */
  readonly statement?: (context: StatementContext) => readonly LintHit[]
  /** Called once a file, with the context of its first statement; for rules about the file as a whole. */
  readonly file?: (context: StatementContext) => readonly LintHit[]
}
