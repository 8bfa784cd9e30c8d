/**
 * A snapshot of production: schema, planner statistics, settings, workload; no rows. The file is JSON, deterministic, one
 * object a line where that helps a diff. Names are PostgreSQL's.
 */

export const SNAPSHOT_FORMAT = 1

/**
 * What became of the values that statistics hold: replaced by made-up ones in the same order (`remap`), as they are
 * (`keep`), or left out (`none`).
 */
export type ValuesMode = 'remap' | 'keep' | 'none'

/** Something that could not be read, and what would allow it. */
export interface MissingPart {
  readonly what: string
  readonly why: string
  /** A statement for the database's owner, such as `GRANT pg_read_all_stats TO premortem`; null when no grant helps. */
  readonly grant: string | null
}

/** One statement of the schema, in an order in which they can run on an empty database. */
export interface SchemaStatement {
  readonly sql: string
  /** `extension`, `schema`, `type`, `function`, `sequence`, `table`, `partition`, `constraint`, `index`, `view`, `statistics`, `setting`, `other`. */
  readonly kind: string
  /** Schema-qualified where it has a name; null for others. */
  readonly object: string | null
  /** Extension that it depends on, where known. */
  readonly extension: string | null
}

/** A row of pg_stats. Arrays are PostgreSQL's text form of an array (`{a,b}`), as pg_restore_attribute_stats takes them. */
export interface ColumnStatistics {
  /** Column name; of an index on expressions: PostgreSQL's name of the index column. */
  readonly column: string
  readonly inherited: boolean
  readonly nullFrac: number
  readonly avgWidth: number
  readonly nDistinct: number
  readonly correlation: number | null
  readonly mostCommonVals: string | null
  readonly mostCommonFreqs: readonly number[] | null
  readonly histogramBounds: string | null
  readonly mostCommonElems: string | null
  readonly mostCommonElemFreqs: readonly number[] | null
  readonly elemCountHistogram: readonly number[] | null
  readonly rangeLengthHistogram: string | null
  readonly rangeEmptyFrac: number | null
  readonly rangeBoundsHistogram: string | null
  /** The column's real ends, read from an index (or a sequence) where one allows it; null elsewhere. */
  readonly low: string | null
  readonly high: string | null
}

/** A table, partition, index, materialized view or partitioned parent, with its size and its statistics. */
export interface RelationSnapshot {
  readonly schema: string
  readonly name: string
  /** pg_class.relkind: `r` table, `p` partitioned table, `i` index, `I` partitioned index, `m` materialized view. */
  readonly kind: 'r' | 'p' | 'i' | 'I' | 'm'
  /** Indexes: the table. */
  readonly table: string | null
  /** Indexes: `btree`, `gin`, …. */
  readonly method: string | null
  /** pg_class.relpages, reltuples, relallvisible: what the planner's densities rest on. */
  readonly relpages: number
  readonly reltuples: number
  readonly relallvisible: number
  /** Pages of the main file now: what the planner asks the disk for. */
  readonly pages: number
  /** btree: levels above the leaves, where pageinspect could tell; null: derived from pages and key width. */
  readonly height: number | null
  /** GIN: what its metapage says, where pageinspect could tell; the planner's costs rest on it. */
  readonly gin?: {
    readonly totalPages: number
    readonly entryPages: number
    readonly dataPages: number
    readonly entries: number
    readonly pendingPages: number
  } | null
  /** Indexes: idx_scan since the statistics were reset; tables: seq_scan + idx_scan. */
  readonly scans: number | null
  /** Indexes: false for leftovers of a failed CREATE INDEX CONCURRENTLY. */
  readonly valid: boolean
  readonly columns: readonly ColumnStatistics[]
}

/** Statements as pg_stat_statements, a `.sql` file or a log tells of them. */
export interface WorkloadQuery {
  /** `fingerprintOf(text)` of `core/postgres/fingerprint`. */
  readonly fingerprint: string
  /** With `$1…` for parameters. */
  readonly text: string
  /** From `-- name: …` of a file; null elsewhere. */
  readonly name: string | null
  /** Per minute, over the time that the counts cover; null when nobody counted. */
  readonly callsPerMinute: number | null
  /** Mean execution time in production; null when nobody measured. */
  readonly meanMs: number | null
  /** Rows returned or changed per call; null when nobody counted. */
  readonly rows: number | null
  /** Role that runs it; null when not known. */
  readonly role: string | null
  readonly source: 'pg_stat_statements' | 'file' | 'log'
  /** Of a `.sql` file: where it stands. */
  readonly file: string | null
  readonly line: number | null
}

/** A setting that is not at its default, or that affects planning. */
export interface SettingSnapshot {
  readonly name: string
  /** As `pg_settings.setting` with its unit, so that `SET name = 'value'` takes it. */
  readonly value: string
}

/** `ALTER ROLE … SET`, `ALTER DATABASE … SET`. */
export interface SettingOverride {
  /** Null: all roles. */
  readonly role: string | null
  /** True when it holds in this database only. */
  readonly inDatabase: boolean
  readonly settings: readonly SettingSnapshot[]
}

/** A sequence, with how far it has come; its numbers are text, since they may be larger than a double holds. */
export interface SequenceSnapshot {
  readonly schema: string
  readonly name: string
  readonly dataType: string
  readonly lastValue: string | null
  readonly maxValue: string
  /** `schema.table.column` that it belongs to. */
  readonly ownedBy: string | null
}

/** See the head of this file. */
export interface Snapshot {
  readonly format: typeof SNAPSHOT_FORMAT
  /** ISO, UTC. */
  readonly takenAt: string
  readonly values: ValuesMode
  readonly server: {
    /** As `server_version_num`: 180004. */
    readonly version: number
    readonly encoding: string
    readonly collation: string
    readonly database: string
  }
  readonly connections: { readonly max: number; readonly superuserReserved: number; readonly reserved: number }
  readonly settings: readonly SettingSnapshot[]
  readonly overrides: readonly SettingOverride[]
  /** Costs that the database's tablespace sets; they hold whatever the settings of the same names say. Default none. */
  readonly tablespaceCosts?: readonly SettingSnapshot[]
  readonly schemaSource: 'pg_dump' | 'catalog'
  readonly schema: readonly SchemaStatement[]
  readonly relations: readonly RelationSnapshot[]
  readonly sequences: readonly SequenceSnapshot[]
  /** Names of extended statistics objects with their definitions: their contents cannot be restored in PostgreSQL 18. */
  readonly extendedStatistics: readonly { readonly name: string; readonly table: string; readonly definition: string }[]
  readonly workload: readonly WorkloadQuery[]
  /** Minutes that the workload's counts cover; null without counts. */
  readonly workloadMinutes: number | null
  /** Versions in the migration tool's own table, such as schema_migrations; empty when there is none. */
  readonly appliedMigrations: readonly string[]
  readonly missing: readonly MissingPart[]
}
