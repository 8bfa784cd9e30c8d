import { Problem } from '../../base/problem.ts'
import type { ValuesMode } from '../../core/check/snapshot.ts'

/** As commander gives them. */
export interface RawOptions {
  readonly url?: string
  readonly out?: string
  readonly values?: string
  readonly workload?: readonly string[]
  readonly log?: string
  readonly pgDump?: string
  readonly json?: boolean
}

/** What the command was asked to do, checked. */
export interface SnapshotOptions {
  readonly connectionString: string
  /** `-` is standard output. */
  readonly out: string
  readonly values: ValuesMode
  readonly workload: readonly string[]
  readonly log: string | null
  /** Null: the first on the PATH that is new enough. */
  readonly pgDump: string | null
  readonly json: boolean
}

const DEFAULT_OUT = 'premortem.snapshot.json'
const MODES: readonly ValuesMode[] = ['remap', 'keep', 'none']

/**
 * @param environment where `DATABASE_URL` is looked for when no `--url` is given
 * @throws Problem `bad-option`
 */
export function parseSnapshotOptions(
  raw: RawOptions,
  environment: Readonly<Record<string, string | undefined>>,
): SnapshotOptions {
  const connectionString = raw.url ?? environment.DATABASE_URL ?? ''
  if (!/^postgres(ql)?:\/\/./.test(connectionString)) {
    throw new Problem({
      code: 'bad-option',
      what:
        connectionString === '' ? 'No database is named.' : 'The address of the database is no postgres:// address.',
      remedy:
        'Give --url postgres://user@host:5432/database, or set DATABASE_URL, which keeps the password out of sight.',
    })
  }
  const values = MODES.find((mode) => mode === (raw.values ?? 'remap'))
  if (values === undefined) {
    throw new Problem({
      code: 'bad-option',
      what: `--values ${raw.values} is not known.`,
      remedy: `Choose one of ${MODES.join(', ')}.`,
    })
  }
  const { out = DEFAULT_OUT, workload = [], log = null, pgDump = null, json = false } = raw
  if (out === '-' && json) {
    throw new Problem({
      code: 'bad-option',
      what: '--out - and --json both want standard output.',
      remedy: 'Name a file with --out, or leave out --json: the snapshot is JSON itself.',
    })
  }
  return { connectionString, out, values, workload, log, pgDump, json }
}
