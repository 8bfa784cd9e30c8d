import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './cli.ts'

describe('premortem, given bad input', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'premortem-input-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    { args: ['drill', 'no-such-thing'], says: ["no scenario 'no-such-thing'", 'payment-pool-exhaustion'] },
    { args: ['drill', '--fast'], says: ["unknown option '--fast'", '--rows', '--pace', '--quick', '--json', '--seed'] },
    { args: ['drll'], says: ["unknown command 'drll'", 'drill'] },
    { args: ['drill', '--rows', 'many'], says: ["--rows got 'many'", '200,000'] },
    { args: ['drill', '--rows', '10000'], says: ["--rows got '10000'", '200,000'] },
    { args: ['drill', '--rows'], says: ['--rows', 'argument missing'] },
    { args: ['drill', '--pace', '0s'], says: ["--pace got '0s'", '500ms'] },
    { args: ['drill', '--seed', '-1'], says: ["--seed got '-1'"] },
    { args: ['drill', 'payment-pool-exhaustion', 'twice'], says: ['too many arguments'] },
  ])('refuses $args with exit code 2, says what is known, and writes nothing', async ({ args, says }) => {
    const { code, stdout, stderr } = await runCli(folder, args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    for (const part of says) expect(stderr).toContain(part)
    expect(stderr).not.toContain('at ')
    expect(readdirSync(folder)).toEqual([])
  })

  it('prints its help with exit code 0', async () => {
    const help = await runCli(folder, ['drill', '--help'])
    expect(help.code).toBe(0)
    expect(help.stdout).toContain('premortem drill [options] [scenario]')
    const bare = await runCli(folder, [])
    expect(bare.code).toBe(0)
    expect(bare.stdout).toContain('drill')
  })
})
