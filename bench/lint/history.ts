/**
 * A made-up history of migrations: as many files, as long, and with the same mix of statements as that of a real forum
 * (342 files, about 600 kB: functions and triggers by the dozen, indexes, columns, renames, backfills). The same seed gives the same
 * files.
 */
import { type Prng, prng } from '../../src/base/prng.ts'

export interface HistoryFile {
  readonly name: string
  readonly text: string
}

export const FILES = 342
const SEED = 20240315

const NOUNS = [
  'post',
  'comment',
  'person',
  'community',
  'site',
  'instance',
  'report',
  'vote',
  'message',
  'image',
  'tag',
  'block',
]
const TYPES = [
  'text',
  'integer',
  'bigint',
  'boolean',
  'timestamp',
  'timestamptz',
  'varchar(255)',
  'uuid',
  'jsonb',
  'double precision',
]
const TRIGGER_FILES_IN = 3

class Writer {
  private readonly random: Prng
  private count = 0

  constructor(random: Prng) {
    this.random = random
  }

  private pick(from: readonly string[]): string {
    return from[this.random.below(from.length)] ?? ''
  }

  private table = (): string => this.pick(NOUNS)
  private column = (): string =>
    `${this.pick(NOUNS)}_${this.pick(['id', 'name', 'score', 'at', 'count', 'url', 'hash'])}`

  private createTable(): string {
    this.count += 1
    const columns = Array.from({ length: 3 + this.random.below(10) }, (_, at) => {
      const required = this.random.below(2) === 0 ? ' NOT NULL' : ''
      const given = this.random.below(3) === 0 ? ' DEFAULT now()' : ''
      return `    ${this.column()}_${at} ${given === '' ? this.pick(TYPES) : 'timestamptz'}${required}${given}`
    })
    const link = `    ${this.table()}_ref int REFERENCES ${this.table()} ON UPDATE CASCADE ON DELETE CASCADE NOT NULL`
    return `CREATE TABLE ${this.table()}_${this.count} (\n    id serial PRIMARY KEY,\n${[...columns, link].join(',\n')}\n)`
  }

  private routine(): string {
    const name = `${this.table()}_aggregates_${this.column()}`
    const steps = Array.from({ length: 4 + this.random.below(18) }, () => {
      const table = this.table()
      return `    UPDATE ${table}_aggregates SET ${this.column()} = ${this.column()} + 1 WHERE ${table}_id = NEW.${table}_id;`
    })
    return (
      `CREATE OR REPLACE FUNCTION ${name}()\n    RETURNS TRIGGER\n    LANGUAGE plpgsql\n    AS $$\nBEGIN\n` +
      `  IF (TG_OP = 'INSERT') THEN\n${steps.join('\n')}\n  END IF;\n  RETURN NULL;\nEND\n$$;\n\n` +
      `CREATE TRIGGER ${name}\n    AFTER INSERT OR DELETE ON ${this.table()}\n    FOR EACH ROW\n    EXECUTE PROCEDURE ${name}()`
    )
  }

  private small(): string {
    const [table, column] = [this.table(), this.column()]
    const kinds = [
      `ALTER TABLE ${table}\n    ADD COLUMN ${column} ${this.pick(TYPES)}`,
      `ALTER TABLE ${table}\n    ADD COLUMN ${column} boolean DEFAULT FALSE NOT NULL`,
      `ALTER TABLE ${table}\n    DROP COLUMN ${column}`,
      `ALTER TABLE ${table} RENAME COLUMN ${column} TO ${this.column()}`,
      `ALTER TABLE ${table}\n    ALTER COLUMN ${column} TYPE bigint`,
      `ALTER TABLE ${table}\n    ALTER COLUMN ${column} SET NOT NULL`,
      `ALTER TABLE ${table}\n    ADD CONSTRAINT ${table}_${column}_fkey FOREIGN KEY (${column}) REFERENCES ${this.table()} (id)`,
      `ALTER TABLE ${table}\n    ADD CONSTRAINT ${table}_${column}_key UNIQUE (${column})`,
      `CREATE INDEX idx_${table}_${column} ON ${table} (${column}, ${this.column()} DESC)`,
      `CREATE UNIQUE INDEX idx_${table}_lower_${column} ON ${table} (lower(${column}))`,
      `DROP INDEX idx_${table}_${column}`,
      `DROP VIEW ${table}_view CASCADE`,
      `DROP TRIGGER ${table}_${column} ON ${table}`,
      `DROP FUNCTION ${table}_${column}()`,
      `UPDATE ${table} SET ${column} = 'x' WHERE ${column} IS NULL`,
      `CREATE TYPE ${table}_kind_enum AS ENUM ('All', 'Local', 'Subscribed')`,
      `INSERT INTO ${table} (${column}) SELECT ${column} FROM ${this.table()}`,
      `CREATE VIEW ${table}_view AS SELECT p.*, (SELECT count(*) FROM comment c WHERE c.post_id = p.id) AS comments FROM ${table} p`,
    ]
    return this.pick(kinds)
  }

  file(at: number): HistoryFile {
    const statements = Array.from({ length: 1 + this.random.below(9) }, () => this.small())
    if (this.random.below(3) === 0) statements.unshift(this.createTable())
    const routines = this.random.below(TRIGGER_FILES_IN) === 0 ? 1 + this.random.below(4) : 0
    for (let made = 0; made < routines; made += 1) statements.push(this.routine())
    const text = `-- ${this.table()} ${this.column()}\n${statements.join(';\n\n')};\n`
    return { name: `${String(20190227000000 + at * 1_000_000)}_change_${at}.sql`, text }
  }
}

/** See the head of this file. */
export function history(): readonly HistoryFile[] {
  const writer = new Writer(prng(SEED))
  return Array.from({ length: FILES }, (_, at) => writer.file(at))
}
