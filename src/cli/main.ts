import { constants } from 'node:os'
import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { Problem } from '../base/problem.ts'
import { COMMANDS } from './commands.ts'
import { errorPage, ownVersion } from './package-files.ts'
import { Interrupted } from './scope.ts'

const BAD_INPUT = 2
const BUG = 70

/**
 * The command line. Sets `process.exitCode`: 0 success, 1 findings (a drill whose numbers were missed), 2 bad input or a
 * problem that a person can act on, 70 a bug of premortem, 128 + n when stopped by signal n.
 *
 * @param argv the arguments after `premortem`
 */
export async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', forgiveClosedPipe)
  const program = new Command('premortem')
    .description(
      'Keeps a bad database change from becoming an outage, and writes the postmortem when one gets through.',
    )
    .version(ownVersion())
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(true)
  await addCommands(program, argv[0])
  for (const command of program.commands) command.exitOverride().configureOutput({ outputError: () => undefined })
  program.action(() => {
    if (program.args.length > 0) {
      throw new CommanderError(BAD_INPUT, 'commander.unknownCommand', `unknown command '${program.args[0]}'`)
    }
    program.outputHelp()
  })
  program.allowExcessArguments(true)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error, program, argv)
  }
}

/** `premortem … | head`: who reads has seen enough. The command ends in order, and what it still says goes nowhere. */
function forgiveClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** The command that is asked for, and the others by name and summary only: loading them takes time. */
async function addCommands(program: Command, asked: string | undefined): Promise<void> {
  const helped = asked === 'help'
  for (const { name, summary, load } of COMMANDS) {
    if (helped || name === asked) program.addCommand(await load())
    else program.addCommand(new Command(name).summary(summary).description(summary))
  }
}

/** Prints one clear error; gives the exit code. */
function report(error: unknown, program: Command, argv: readonly string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    printUsageProblem(error, program, argv)
    return BAD_INPUT
  }
  if (error instanceof Interrupted) return 128 + (constants.signals[error.signalName] ?? 0)
  if (error instanceof Problem) {
    printProblem(error)
    return BAD_INPUT
  }
  process.stderr.write(`${pc.red('premortem has a bug:')} ${error instanceof Error ? error.stack : String(error)}\n`)
  return BUG
}

function printProblem(problem: Problem): void {
  const lines = [`${pc.red('error')} ${problem.message}`]
  if (problem.where) lines.push(`  where: ${problem.where}`)
  lines.push(`  do:    ${problem.remedy}`)
  if (problem.retriable) lines.push('  trying again may help')
  lines.push(`  more:  ${errorPage(problem.code)}`)
  process.stderr.write(`${lines.join('\n')}\n`)
}

function printUsageProblem(error: CommanderError, program: Command, argv: readonly string[]): void {
  const command = program.commands.find((c) => c.name() === argv[0])
  const known = command
    ? `known options of ${command.name()}: ${command.options.map((o) => o.flags).join(', ')}`
    : `known commands: ${program.commands.map((c) => c.name()).join(', ')}`
  process.stderr.write(
    `${pc.red('error')} ${error.message.replace(/^error: /, '')}\n  ${known}\n  more:  premortem ${command ? `${command.name()} ` : ''}--help\n`,
  )
}
