import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_TAIL_LINES, openLogFile } from './log-file.ts'

describe('the log of a process', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'premortem-log-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('holds what was written, in a folder that is made when missing', async () => {
    const log = openLogFile(join(folder, 'deep/er/a.log'))
    log.write('one\n')
    log.write(Buffer.from('two\n'))
    await log.close()
    expect(readFileSync(log.path, 'utf8')).toBe('one\ntwo\n')
  })

  it('keeps the last lines for a message, the unfinished one too', async () => {
    const log = openLogFile(join(folder, 'a.log'))
    for (let line = 1; line <= 30; line += 1) log.write(`line ${line}\n`)
    log.write('half a')
    log.write(' line')
    expect(log.tail()).toHaveLength(MAX_TAIL_LINES)
    expect(log.tail().slice(-2)).toEqual(['line 30', 'half a line'])
    await log.close()
  })

  it('never takes more than twice its size, however much is written', async () => {
    const log = openLogFile(join(folder, 'a.log'), 1000)
    for (let line = 0; line < 500; line += 1) log.write(`${'x'.repeat(40)}\n`)
    log.write('the last line\n')
    await log.close()
    expect(existsSync(`${log.path}.1`)).toBe(true)
    expect(statSync(log.path).size).toBeLessThanOrEqual(1000)
    expect(statSync(`${log.path}.1`).size).toBeLessThanOrEqual(1000)
    expect(readFileSync(log.path, 'utf8')).toContain('the last line')
  })

  it('takes what comes after its end without harm', async () => {
    const log = openLogFile(join(folder, 'a.log'))
    await log.close()
    log.write('late\n')
    await log.close()
    expect(log.tail()).toEqual(['late'])
  })
})
