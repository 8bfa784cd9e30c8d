import { Command } from 'commander'
import { parseLintOptions, type RawOptions } from './options.ts'

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** `premortem lint [files or folders…]`. */
export function lintCommand(): Command {
  return new Command('lint')
    .summary('look at migrations for what hurts in production, with or without a snapshot')
    .description(
      'Reads migrations with PostgreSQL’s own parser and tells what would lock, rewrite, break or lose, and what to write\n' +
        'instead. With a snapshot of production, how bad it is follows the size of its tables and the traffic on them.\n' +
        'Exits with 1 when there is an error among the findings, with 2 for input that cannot be read.',
    )
    .argument('[paths...]', 'files or folders (default: those of premortem.yaml, or a folder of the usual name)')
    .option('--snapshot <file>', 'snapshot of production (default: that of premortem.yaml, if it is there)')
    .option('--format <name>', 'layout of the files (default: auto, found by name and content)')
    .option('--rule <rule=setting>', 'off, on, note, warning or error for a rule; may be given again', collect)
    .option('--apart', 'take each file as a change of its own: what earlier files made is there and in use')
    .option('--fix', 'make the changes that are mechanical')
    .option('--dry-run', 'with --fix: print the changes and write nothing')
    .option('--config <file>', 'configuration (default: the nearest premortem.yaml)')
    .option('--json', 'print the findings as JSON to standard output, and nothing else there')
    .option('--list-rules', 'list the rules and end')
    .action(async (paths: readonly string[], raw: RawOptions) => {
      if (raw.listRules === true) {
        const { listRules } = await import('./list-rules.ts')
        process.stdout.write(listRules(raw.json ?? false))
        return
      }
      const options = parseLintOptions(paths, raw)
      const { runLint } = await import('./run.ts')
      process.exitCode = await runLint(options, process.cwd())
    })
}
