import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { takeOwnership } from '../../src/adapters/embedded/ownership.ts'
import { temporaryRoot } from './helpers.ts'

const MODULE = new URL('../../src/adapters/embedded/ownership.ts', import.meta.url).href
/** Tries at the given moment, says how it went, and holds what it got until its input ends. */
const CONTENDER = `
const { takeOwnership } = await import(${JSON.stringify(MODULE)})
while (Date.now() < Number(process.argv[2])) {}
try { takeOwnership(process.argv[1]); console.log('mine') } catch (error) { console.log(error.code) }
process.stdin.resume()
`

describe('the ownership of a folder', () => {
  it('is one process’s, however many try in the same moment after an owner that was killed', async () => {
    const root = temporaryRoot()
    writeFileSync(join(root, 'owner.7.json'), JSON.stringify({ pid: 4_194_303, startedAt: '1' }))
    const at = String(Date.now() + 1500)
    const contenders = Array.from({ length: 8 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', CONTENDER, root, at], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
    const answers = await Promise.all(
      contenders.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()),
    )
    const endings = contenders.map((child) => once(child, 'exit'))
    for (const child of contenders) child.stdin.end()
    await Promise.all(endings)
    expect(answers.toSorted()).toEqual([...Array.from({ length: 7 }, () => 'data-directory-in-use'), 'mine'])
    expect(readdirSync(root)).toEqual(['owner.8.json'])
  })

  it('is free again when it is released, or its holder is gone', () => {
    const root = temporaryRoot()
    const first = takeOwnership(root)
    expect(() => takeOwnership(root)).toThrow(`already started by this process (${process.pid})`)
    first.release()
    const second = takeOwnership(root)
    first.release()
    expect(() => takeOwnership(root)).toThrow('already started')
    second.release()
  })

  it('is not kept by a process that only has the pid of the one before', () => {
    const root = temporaryRoot()
    writeFileSync(join(root, 'owner.1.json'), JSON.stringify({ pid: process.pid, startedAt: 'another day' }))
    takeOwnership(root).release()
  })

  it('is not kept by a file that a crash of the machine cut short', () => {
    const root = temporaryRoot()
    writeFileSync(join(root, 'owner.3.json'), '')
    takeOwnership(root).release()
  })
})
