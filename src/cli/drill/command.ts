import { Command } from 'commander'
import { SCENARIOS } from '../../core/rehearse/scenarios/index.ts'
import { DEFAULT_SCENARIO, parseOptions, type RawOptions } from './options.ts'
import { runDrill } from './run.ts'

const FOLDER = '.premortem'

/** `premortem drill [scenario]`. */
export function drillCommand(): Command {
  const known = SCENARIOS.map((scenario) => scenario.id)
  return new Command('drill')
    .summary('rehearse an incident end to end: as it happened, then guarded')
    .description(
      'Rehearses an incident on a real PostgreSQL and real services on this machine, twice: as it happened, with the\n' +
        "people's actions at their minutes, and guarded by premortem. Writes a report and a postmortem.",
    )
    .argument('[scenario]', `one of: ${known.join(', ')}`, DEFAULT_SCENARIO)
    .option('--rows <number>', 'payments in the database (default: 2,000,000; with --quick 1,000,000)')
    .option('--pace <duration>', 'how long one minute of the incident lasts (default: 1s; with --quick 250ms)')
    .option('--seed <number>', 'seed of the traffic: the same seed sends the same requests (default: 20240315)')
    .option('--quick', 'a shorter drill with less data, for CI')
    .option('--json', 'print the result as JSON to standard output, and nothing else there')
    .allowExcessArguments(false)
    .action(async (scenario: string | undefined, raw: RawOptions) => {
      const options = parseOptions(scenario, raw, known)
      process.exitCode = await runDrill(options, FOLDER)
    })
}
