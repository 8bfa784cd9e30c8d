import type { MigrationFormat, ParsedStatement } from '../sql.ts'

/** A migration file as it was read. */
export interface MigrationSource {
  /** As it is shown to people: relative to where the command runs, with `/`. */
  readonly path: string
  readonly text: string
  /** Text of a file beside it that sets it up, such as Flyway's `V1__x.sql.conf`; null for none. */
  readonly settings: string | null
}

/** How one tool lays out its files. */
export interface Format {
  readonly id: MigrationFormat
  /** True when the tool takes the file for a migration that goes forward. */
  accepts(path: string): boolean
  /** Orders files; the same as the tool does. */
  version(path: string): string
  /** The text with everything that is not the way forward blanked, so that offsets and lines stay. */
  forward(text: string): string
  /** Whether the tool runs the file in one transaction. */
  transactional(source: MigrationSource, statements: readonly ParsedStatement[]): boolean
}

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The last folder of a path; empty when there is none. */
export const folderName = (path: string): string => path.split('/').at(-2) ?? ''

/** As long as the text, with spaces for all but line breaks. */
export const blanked = (text: string): string => text.replace(/[^\n\r]/g, ' ')

/** A marker line of a tool, such as `-- migrate:up`, and the way that it begins. */
export interface Marker {
  readonly pattern: RegExp
  readonly way: 'up' | 'down'
}

/**
 * Keeps what stands below `up` markers and blanks what stands below `down` markers. `first`: what the text before the
 * first marker is.
 */
export function onlyUp(text: string, markers: readonly Marker[], first: 'up' | 'down'): string {
  let way = first
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      const marker = markers.find(({ pattern }) => pattern.test(line))
      if (marker !== undefined) way = marker.way
      return way === 'up' ? line : blanked(line)
    })
    .join('')
}

/** Statements that PostgreSQL refuses within a transaction. */
export function refusesTransaction({ node, sql }: ParsedStatement): boolean {
  if (node === null) return /^\s*(create|drop|reindex)\b.*\bconcurrently\b/is.test(sql.slice(0, 500))
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true
  if ('DropStmt' in node) return node.DropStmt.concurrent === true
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd === true
  if ('ReindexStmt' in node) {
    return (node.ReindexStmt.params ?? []).some((one) => 'DefElem' in one && one.DefElem.defname === 'concurrently')
  }
  if ('AlterTableStmt' in node) {
    return (node.AlterTableStmt.cmds ?? []).some((command) => {
      const def = 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined
      return def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true
    })
  }
  return ['AlterSystemStmt', 'CreatedbStmt', 'DropdbStmt', 'CreateTableSpaceStmt', 'DropTableSpaceStmt'].some(
    (kind) => kind in node,
  )
}

const controlsTransaction = ({ node, origin }: ParsedStatement): boolean =>
  origin === 'file' && node !== null && 'TransactionStmt' in node

const isAlone = (statements: readonly ParsedStatement[]): boolean =>
  statements.filter(({ origin }) => origin === 'file').length <= 1

/**
 * Tools that look at a file before they run it: one transaction, unless a statement refuses one or the file opens its
 * own. A statement alone is its own transaction, and may be made CONCURRENTLY.
 */
export const unlessRefused = (_: MigrationSource, statements: readonly ParsedStatement[]): boolean =>
  !isAlone(statements) && !statements.some((one) => refusesTransaction(one) || controlsTransaction(one))

/**
 * Tools that send a file as one message of several statements: PostgreSQL makes one transaction of it, and a single
 * statement runs as if it were alone.
 */
export const asOneMessage = (_: MigrationSource, statements: readonly ParsedStatement[]): boolean =>
  !isAlone(statements) && !statements.some(controlsTransaction)

/** The digits that a name begins with; the whole name when it has none. */
export const leadingNumber = (name: string): string => /^\d+/.exec(name)?.[0] ?? name
