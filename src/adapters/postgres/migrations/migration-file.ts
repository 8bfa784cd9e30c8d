import type { SqlStatement } from '../../../core/postgres/split.ts'

/** One file of a release, read and cut into statements. */
export interface MigrationFile {
  /** What the database remembers it by: `2.3.1/0005_payment_review.sql`. */
  readonly key: string
  /** What people are told: its last two folders and its name. */
  readonly name: string
  readonly path: string
  /** SHA-256 of its bytes, in hex. */
  readonly checksum: string
  readonly statements: readonly SqlStatement[]
  /** False when a statement is CONCURRENTLY, which PostgreSQL allows outside transactions only. */
  readonly transactional: boolean
}
