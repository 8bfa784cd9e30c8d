import { Command } from 'commander'
import { parseSnapshotOptions, type RawOptions } from './options.ts'

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** `premortem snapshot`. */
export function snapshotCommand(): Command {
  return new Command('snapshot')
    .summary('take schema, planner statistics and workload out of production, no rows')
    .description(
      'Reads the catalogs of a PostgreSQL 13 to 18 with a role that may only read, and writes one file that checks can\n' +
        'be made with. No row leaves the database, and unless told otherwise no value of one either.',
    )
    .option('--url <address>', 'postgres://user@host:5432/database (default: DATABASE_URL)')
    .option('--out <file>', 'where to write it; - is standard output (default: premortem.snapshot.json)')
    .option('--values <mode>', 'values in statistics: remap, keep or none (default: remap)')
    .option('--workload <file>', 'queries from a .sql file; may be given again', collect)
    .option('--log <file>', "queries from PostgreSQL's log")
    .option('--pg-dump <path>', 'the pg_dump to use (default: the first on the PATH that is new enough)')
    .option('--json', 'print a summary as JSON to standard output, and nothing else there')
    .allowExcessArguments(false)
    .action(async (raw: RawOptions) => {
      const options = parseSnapshotOptions(raw, process.env)
      const { runSnapshot } = await import('./run.ts')
      process.exitCode = await runSnapshot(options, process.cwd())
    })
}
