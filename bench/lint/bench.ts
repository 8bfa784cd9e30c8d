/**
 * `premortem lint`, as published, against squawk, on the same files and the same machine in one run: one file from a cold start,
 * and a history of 342 files. Writes RESULTS.md beside itself.
 * Run: npm exec -- node bench/lint/bench.ts (two minutes; it builds the package, and installs squawk-cli in a temporary folder)
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { history } from './history.ts'

const ROOT = join(import.meta.dirname, '../..')
const SQUAWK_VERSION = '2.66.0'
const COLD_RUNS = 15
const WARM_RUNS = 5
const COLD_LIMIT_MS = 300
const WARM_LIMIT_MS = 2000

const say = (line: string) => process.stdout.write(`${line}\n`)

interface Where {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
}

/** Runs to the end; a linter that finds something exits with 1, which is no failure here. */
function run(command: string, args: readonly string[], { cwd, env = process.env }: Where) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 300_000,
  })
  if (error !== undefined) throw error
  return { status, stdout, stderr }
}

function must(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = run(command, args, { cwd })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`)
  return stdout
}

/** The package as npm would publish it, with this clone's dependencies. */
function publish(folder: string): string {
  must('npm', ['pack', '--silent', '--pack-destination', folder], ROOT)
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  must('tar', ['-xzf', archive], folder)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'package/node_modules'))
  return join(folder, 'package/bin/premortem.mjs')
}

function installSquawk(folder: string): string {
  must(
    'npm',
    ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, `squawk-cli@${SQUAWK_VERSION}`],
    folder,
  )
  return join(folder, 'node_modules/.bin/squawk')
}

interface Times {
  readonly first: number
  readonly median: number
  readonly best: number
}

/** Times of whole processes, from start to exit, in milliseconds. `first` has no compiled code to start from. */
function measure(runs: number, once: () => { status: number | null; stderr: string }): Times {
  const times: number[] = []
  for (let at = 0; at <= runs; at += 1) {
    const start = performance.now()
    const { status, stderr } = once()
    times.push(performance.now() - start)
    if (status !== 0 && status !== 1) throw new Error(`a linter ended with ${status}: ${stderr}`)
  }
  const [first = 0, ...rest] = times
  const sorted = [...rest].sort((a, b) => a - b)
  return { first, median: sorted[Math.floor(sorted.length / 2)] ?? 0, best: sorted[0] ?? 0 }
}

const ms = (value: number): string => `${Math.round(value).toLocaleString('en')} ms`

function row(name: string, times: Times, note: string): string {
  return `| ${name} | ${ms(times.first)} | ${ms(times.median)} | ${ms(times.best)} | ${note} |`
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'premortem-bench-lint-'))
  try {
    const files = history()
    mkdirSync(join(folder, 'migrations'))
    for (const { name, text } of files) writeFileSync(join(folder, 'migrations', name), text)
    const bytes = files.reduce((sum, { text }) => sum + text.length, 0)
    const names = files.map(({ name }) => join('migrations', name))
    // One of the median's size, so that neither start nor parsing is all there is.
    const one = join(
      'migrations',
      [...files].sort((a, b) => a.text.length - b.text.length)[files.length >> 1]?.name ?? '',
    )
    say(`${files.length} files, ${bytes} bytes`)
    const ours = publish(folder)
    const squawk = installSquawk(folder)
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), NO_COLOR: '1' }
    const lint = (...args: readonly string[]) => run(process.execPath, [ours, 'lint', ...args], { cwd: folder, env })
    const theirs = (...args: readonly string[]) => run(squawk, args, { cwd: folder, env })
    const node = measure(COLD_RUNS, () => run(process.execPath, ['-e', '0'], { cwd: folder, env }))
    const cold = measure(COLD_RUNS, () => lint(one))
    const coldSquawk = measure(COLD_RUNS, () => theirs(one))
    const warm = measure(WARM_RUNS, () => lint('migrations'))
    const apart = measure(WARM_RUNS, () => lint('--apart', 'migrations'))
    const warmSquawk = measure(WARM_RUNS, () => theirs(...names))
    const count = (...args: readonly string[]) =>
      (JSON.parse(lint(...args, '--json').stdout) as { findings: readonly unknown[] }).findings.length
    const squawkFindings = (JSON.parse(theirs('--reporter', 'json', ...names).stdout) as readonly unknown[]).length
    const verdict = (limit: number, times: Times) => (times.median <= limit ? 'kept' : 'missed')
    const text = `# Lint: speed

Made by \`node bench/lint/bench.ts\`, which anybody can run again. Whole processes, from start to exit, with their output read.
Machine: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; load average ${loadavg()[1]?.toFixed(1)} while it ran,
so compare figures of one run with each other. \`premortem\` is the package as \`npm pack\` makes it; squawk-cli is ${SQUAWK_VERSION}, by its
npm wrapper, in the same run on the same files. The files are made up (history.ts): ${files.length} of them, ${Math.round(bytes / 1000)} kB, of a real forum's mix.

| what | first | median | best | findings |
| --- | --- | --- | --- | --- |
${row('`node -e 0`, for comparison', node, '')}
${row('premortem lint, one file', cold, String(count(one)))}
${row('squawk, one file', coldSquawk, '')}
${row(`premortem lint, ${files.length} files as one change`, warm, String(count('migrations')))}
${row(`premortem lint --apart, ${files.length} files one by one`, apart, String(count('--apart', 'migrations')))}
${row(`squawk, ${files.length} files`, warmSquawk, String(squawkFindings))}

- One file: limit ${COLD_LIMIT_MS} ms, ${verdict(COLD_LIMIT_MS, cold)}; ${(cold.median / coldSquawk.median).toFixed(1)} times squawk's time.
- ${files.length} files: limit ${WARM_LIMIT_MS} ms, ${verdict(WARM_LIMIT_MS, warm)} as one change and ${verdict(WARM_LIMIT_MS, apart)} one by one; ${(warm.median / warmSquawk.median).toFixed(1)} and ${(apart.median / warmSquawk.median).toFixed(1)} times squawk's time.

squawk is a native program with a parser of its own; premortem runs PostgreSQL's own parser in WebAssembly, follows the schema from
statement to statement, and looks into DO blocks. \`first\` is the run that finds no compiled code in the cache yet. Findings differ by what counts as new:
as one change, a table that one file makes is new in those behind it.
`
    writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text)
    say(text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

main()
