/** .ci/run counts what happened and says so in its last line, whatever goes wrong. */
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { root } from '../tidy/tree.ts'

const folders: string[] = []

interface Machine {
  /** What `npm cit` and the drill exit with. */
  readonly cit: number
  readonly drill: number
  /** Vitest's report; null when the installation failed before it. */
  readonly report: { passed: number; failed: number; brokenFiles?: number } | null
}

/** A folder with .ci/run and an `npm` that does what the machine says. */
function prepare({ cit, drill, report }: Machine): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'premortem-ci-'))
  folders.push(folder)
  for (const name of ['.ci', 'bin', 'node_modules/.bin']) mkdirSync(join(folder, name), { recursive: true })
  cpSync(join(root, '.ci/run'), join(folder, '.ci/run'))
  if (report !== null) writeFileSync(join(folder, 'node_modules/.bin/vitest'), '', { mode: 0o755 })
  const broken = Array.from({ length: report?.brokenFiles ?? 0 }, () => ({ status: 'failed', assertionResults: [] }))
  const json = { numPassedTests: report?.passed, numFailedTests: report?.failed, testResults: broken }
  const write = report === null ? '' : `printf '%s' '${JSON.stringify(json)}' > "$PREMORTEM_TEST_REPORT";`
  const npm = `#!/bin/sh\necho "npm $*"\nif [ "$1" = cit ]; then ${write} exit ${cit}; fi\nexit ${drill}\n`
  writeFileSync(join(folder, 'bin/npm'), npm)
  chmodSync(join(folder, 'bin/npm'), 0o755)
  return { folder, env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}` } }
}

function runCi(machine: Machine): Promise<{ code: number; lines: readonly string[] }> {
  const { folder, env } = prepare(machine)
  return new Promise((resolve) => {
    execFile('bash', [join(folder, '.ci/run')], { env, cwd: tmpdir() }, (error, out) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, lines: out.trimEnd().split('\n') })
    })
  })
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('.ci/run', () => {
  it('runs the README’s commands and counts the drill as one test', async () => {
    const { code, lines } = await runCi({ cit: 0, drill: 0, report: { passed: 41, failed: 0 } })
    expect(lines.filter((line) => line.startsWith('npm '))).toEqual(['npm cit', 'npm run drill -- --quick'])
    expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: '42 passed, 0 failed' })
  })

  it.each([
    { what: 'a test fails', cit: 1, drill: 0, report: { passed: 40, failed: 1 }, last: '41 passed, 1 failed' },
    { what: 'the drill fails', cit: 0, drill: 1, report: { passed: 41, failed: 0 }, last: '41 passed, 1 failed' },
    {
      what: 'a test file cannot be loaded',
      cit: 1,
      drill: 0,
      report: { passed: 40, failed: 0, brokenFiles: 1 },
      last: '41 passed, 1 failed',
    },
    {
      what: 'all tests pass, yet an error was not handled',
      cit: 1,
      drill: 0,
      report: { passed: 41, failed: 0 },
      last: '42 passed, 1 failed',
    },
    { what: 'nothing can be installed', cit: 1, drill: 0, report: null, last: '0 passed, 2 failed' },
  ])('fails when $what', async ({ last, ...machine }) => {
    const { code, lines } = await runCi(machine)
    expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last })
  })
})
