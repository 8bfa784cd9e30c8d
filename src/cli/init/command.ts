import { Command, Option } from 'commander'
import type { RawInitOptions } from './run.ts'

/** `premortem init`. */
export function initCommand(): Command {
  return new Command('init')
    .summary('look at this repository, and write a configuration, a CI job and the review checklist')
    .description(
      'Looks for migrations, queries, releases and CI, and writes a commented premortem.yaml, a job that checks every pull\n' +
        'request, and the review checklist for its template. Asks before it replaces a file; run twice it changes nothing.',
    )
    .addOption(
      new Option('--ci <name>', 'which job to write (default: what the repository uses)').choices([
        'github',
        'gitlab',
        'none',
      ]),
    )
    .option('--yes', 'replace files without asking')
    .option('--dry-run', 'print what would be written, and write nothing')
    .option('--json', 'print what was found and written as JSON to standard output, and nothing else there')
    .allowExcessArguments(false)
    .action(async (raw: RawInitOptions) => {
      const { runInit } = await import('./run.ts')
      process.exitCode = await runInit(raw, process.cwd())
    })
}
