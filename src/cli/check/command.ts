/** `premortem check`. */
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import pc from 'picocolors'
import { systemClock } from '../../adapters/system/clock.ts'
import { Problem } from '../../base/problem.ts'
import type { Finding } from '../../core/check/finding.ts'
import { NO_PAINT } from '../../core/check/report/paint.ts'
import { REPORT_FORMATS, type ReportFormat, renderReport } from '../../core/check/report/render.ts'
import type { CheckResult } from '../../core/check/result.ts'
import type { ParsedFile } from '../../core/check/sql.ts'
import { frameOf } from '../lint/frame.ts'
import { ownVersion } from '../package-files.ts'
import { onSignals } from '../signals.ts'
import { checkDeployed } from './deployed.ts'
import { prefixOf } from './git.ts'
import { type CheckRequest, gatherInputs } from './inputs.ts'
import { runCheck } from './run.ts'
import { requireWritable, writeReport } from './write-report.ts'

const FINDINGS = 1
const ROOT = '.premortem'
const FALLBACK_WIDTH = 100

interface RawOptions {
  readonly config?: string
  readonly snapshot?: string
  readonly release?: string
  readonly previous?: string
  readonly base?: string
  readonly format?: ReportFormat
  readonly json?: boolean
  readonly out?: string
  readonly report?: readonly string[]
  readonly deployed?: boolean
  readonly url?: string
}

/** `premortem check [files…]`. */
export function checkCommand(): Command {
  return new Command('check')
    .summary("would this change hurt at production's size?")
    .description(
      "Lints the pending migrations, runs them on an empty copy of production's schema and statistics, plans every query\n" +
        'before and after at production’s size, and tries the way back. Needs a snapshot, no data and no server.\n' +
        'Exit code 0: pass or warnings, 1: refused, 2: something to correct first.',
    )
    .argument('[files...]', 'migrations that are the change (default: those that production does not have)')
    .option('--release <name>', 'the release under check (default: the newest)')
    .option('--previous <name>', 'the release that one would go back to (default: the one in production)')
    .option('--snapshot <file>', 'what premortem snapshot wrote (default: as configured, premortem.snapshot.json)')
    .option('--base <revision>', 'a git revision that has the migrations of production')
    .option('--config <file>', 'the configuration (default: premortem.yaml, here or above)')
    .addOption(
      new Option('--format <name>', 'how to print the result').choices([...REPORT_FORMATS]).default('terminal'),
    )
    .addOption(new Option('--json', 'short for --format json').conflicts('format'))
    .option('--out <file>', 'write the result to a file instead of standard output')
    .option('--report <format=file>', 'write the result in a further form; may be given again', collect, [])
    .option('--deployed', 'compare the database at --url with what the migrations should have made of it')
    .option('--url <address>', 'with --deployed: the database, as a role that may read (default: $DATABASE_URL)')
    .action(async (files: readonly string[], raw: RawOptions) => {
      process.exitCode = await check(files, raw)
    })
}

/** An option that may be given again. */
const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

async function check(files: readonly string[], raw: RawOptions): Promise<number> {
  const reports = (raw.report ?? []).map(parseReport)
  for (const file of [...reports.map((one) => one.file), ...(raw.out === undefined ? [] : [raw.out])])
    await requireWritable(file)
  const stop = onSignals()
  try {
    const request: CheckRequest = { ...raw, cwd: process.cwd(), files }
    const around = {
      root: resolve(ROOT),
      clock: systemClock(),
      signal: stop.signal,
      onProgress: progressTo(process.stderr),
    }
    const inputs = await gatherInputs(request)
    const result = raw.deployed ? await checkDeployed({ inputs, url: raw.url }, around) : await runCheck(inputs, around)
    await print({ result, files: [...inputs.pending.earlier, ...inputs.pending.own] }, raw, reports)
    return result.verdict === 'fail' ? FINDINGS : 0
  } finally {
    stop.release()
  }
}

/** A line per step where a person looks; nothing where the error stream is a log of a machine. */
function progressTo(stream: NodeJS.WriteStream): (line: string) => void {
  return (line) => {
    if (stream.isTTY) stream.write(pc.dim(`${line}\n`))
  }
}

/** A form of the result, and where it is written. */
interface Report {
  readonly format: ReportFormat
  readonly file: string
}

function parseReport(text: string): Report {
  const at = text.indexOf('=')
  const format = REPORT_FORMATS.find((one) => one === text.slice(0, at))
  const file = text.slice(at + 1)
  if (format !== undefined && file !== '') return { format, file }
  throw new Problem({
    code: 'bad-option',
    what: `"${text}" is no report: it must be <format>=<file>.`,
    where: '--report',
    remedy: `Write for instance --report sarif=premortem.sarif. Formats: ${REPORT_FORMATS.join(', ')}.`,
  })
}

/** Only for what PostgreSQL could not take: there the column says most. */
const FRAMED = new Set(['migration-fails', 'syntax-error'])

const framesOf =
  (files: readonly ParsedFile[]) =>
  ({ rule, file, line, column }: Finding): readonly string[] => {
    const text = files.find((one) => one.path === file)?.text
    return !FRAMED.has(rule) || text === undefined || line === null ? [] : frameOf(text, line, column ?? 1)
  }

interface Printed {
  readonly result: CheckResult
  readonly files: readonly ParsedFile[]
}

async function print({ result, files }: Printed, raw: RawOptions, reports: readonly Report[]): Promise<void> {
  const shown = raw.json ? 'json' : (raw.format ?? 'terminal')
  const prefix = await prefixOf(process.cwd())
  const render = (format: ReportFormat, colour: boolean) =>
    renderReport(result, format, {
      paint: colour ? pc : NO_PAINT,
      width: process.stdout.columns ?? FALLBACK_WIDTH,
      version: ownVersion(),
      frame: framesOf(files),
      prefix,
    })
  for (const { format, file } of reports) await writeReport(file, render(format, false))
  if (raw.out !== undefined) await writeReport(raw.out, render(shown, false))
  else process.stdout.write(render(shown, process.stdout.isTTY === true && pc.isColorSupported))
}
