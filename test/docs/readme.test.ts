/** The README's commands, run or matched with what runs them. The drill itself has its own end-to-end test. */
import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { filesUnder, root, textOf } from '../tidy/tree.ts'

const readme = textOf('README.md')
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(textOf('package.json'))
const TIMEOUT = { timeout: 60_000 }

/** The commands of a document's shell blocks, comments taken off. */
const commands = (text: string): readonly string[] =>
  [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((block) =>
    (block[1] ?? '')
      .split('\n')
      .map((line) => line.replace(/\s+#.*/, '').trim())
      .filter((line) => line !== ''),
  )

const CHECK = 'cd examples/payments && npx premortem check --release 2.3.1 --json'

const shell = (command: string) => run('sh', ['-c', command])
const npm = (...args: readonly string[]) => run('npm', args)

function run(program: string, args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { cwd: root, env: { ...process.env, NO_COLOR: '1' } })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    )
  })
}

describe('the commands of the README', () => {
  it('are these: a new one needs its proof here', () => {
    expect(commands(readme)).toEqual(['npm ci && npm run drill', 'npm cit', CHECK, 'npm run drill -- --help'])
  })

  it('show what the check really says of the bad release', { timeout: 180_000 }, async () => {
    const { code, out } = await shell(CHECK)
    const { verdict, why } = JSON.parse(out)
    expect({ code, verdict }).toEqual({ code: 1, verdict: 'fail' })
    expect(readme).toContain(`"why": ${JSON.stringify(why)}`)
  })

  it('are what continuous integration runs', () => {
    const ci = textOf('.ci/run').split('\n')
    expect(ci).toContain('npm cit || cit=$?')
    expect(ci.some((line) => line.includes('npm run drill -- --quick'))).toBe(true)
    expect(readme).toContain('`npm run drill -- --quick`')
  })

  it('and of every other document name scripts that exist', () => {
    const documents = filesUnder('', /^[^/]+[.]md$|^docs\/.*[.]md$/)
    const named = documents.flatMap((path) =>
      [...textOf(path).matchAll(/npm run ([a-z:-]+)/g)].map((match) => match[1] ?? ''),
    )
    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})

describe('npm run drill -- --help', () => {
  const help = npm('run', '--silent', 'drill', '--', '--help')
  const documented = [...readme.matchAll(/^\| `(--[a-z]+)[^|]*\|[^|]*\| ?([^|]*)\|$/gm)].map((row) => ({
    option: row[1] ?? '',
    fallback: row[2]?.trim() ?? '',
  }))

  it('succeeds and prints nothing on standard error', TIMEOUT, async () => {
    expect(await help).toMatchObject({ code: 0, err: '' })
  })

  it('lists exactly the options that the README lists', TIMEOUT, async () => {
    const offered = [...(await help).out.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1])
    expect(offered.filter((option) => option !== '--help').sort()).toEqual(documented.map((row) => row.option).sort())
  })

  it('gives the defaults that the README gives', TIMEOUT, async () => {
    const text = (await help).out.replaceAll(/\s+/g, ' ')
    const defaults = documented.filter((row) => row.fallback !== '')
    expect(defaults).toHaveLength(3)
    for (const { fallback } of defaults) expect(text).toContain(`(default: ${fallback.replaceAll('`', '')})`)
  })

  it('names the scenario that the README calls the default', TIMEOUT, async () => {
    const scenario = /default scenario, `([a-z-]+)`/.exec(readme)?.[1]
    expect(scenario).toBeDefined()
    expect((await help).out.replaceAll(/\s+/g, ' ')).toContain(`(default: "${scenario}")`)
  })
})

describe('the command line', () => {
  it('lists its commands', TIMEOUT, async () => {
    const { code, out } = await npm('run', '--silent', 'premortem', '--', '--help')
    expect(code).toBe(0)
    expect(out).toMatch(/^ +drill\b/m)
  })

  it.each([
    { args: ['drill', '--nope'], tells: '--quick' },
    { args: ['drill', 'no-such-scenario'], tells: 'payment-pool-exhaustion' },
    { args: ['drill', '--rows', 'many'], tells: '50,000,000' },
    { args: ['no-such-command'], tells: 'drill' },
  ])('answers $args with exit code 2 and what is known instead', TIMEOUT, async ({ args, tells }) => {
    const { code, out, err } = await npm('run', '--silent', 'premortem', '--', ...args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(tells)
  })
})
