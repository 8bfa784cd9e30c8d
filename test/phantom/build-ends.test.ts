import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { embeddedPhantoms } from '../../src/cli/check/phantom-server.ts'
import { expectQuiet } from '../embedded/helpers.ts'
import { homesIn, openPhantom, temporaryRoot } from './fidelity-helpers.ts'
import { bigSnapshot, planOf, relationOf, snapshotOf, statement } from './fidelity-snapshots.ts'

const OWNER = new URL('./fidelity-owner.ts', import.meta.url).pathname
const TABLES = 5_000

describe('a check that does not end well', () => {
  it('that is killed leaves nothing that hinders the next, which clears it away', async () => {
    const root = temporaryRoot()
    const child = spawn(process.execPath, [OWNER, root], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const [left] = homesIn(root)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const phantom = await openPhantom(bigSnapshot(), { root })
    expect(homesIn(root)).toHaveLength(1)
    expect(homesIn(root)).not.toContain(left)
    expect((await planOf(phantom, 'select * from payments'))['Plan Rows']).toBe(50_000_000)
    await phantom.close()
    await expectQuiet(root)
  })

  it('that is interrupted removes its data and its server at once', async () => {
    const root = temporaryRoot()
    const abort = new AbortController()
    const reason = new Error('interrupted')
    const opening = embeddedPhantoms({
      root,
      onProgress: (line) => {
        if (line.startsWith('restoring')) abort.abort(reason)
      },
    }).open({ snapshot: bigSnapshot(), files: [] }, abort.signal)
    await expect(opening).rejects.toBe(reason)
    expect(homesIn(root)).toEqual([])
    await expectQuiet(root)
  })
})

describe('two checks at once', () => {
  it('do not meet, with or without a template that is there already', async () => {
    const root = temporaryRoot()
    const both = await Promise.all([openPhantom(bigSnapshot(), { root }), openPhantom(bigSnapshot(), { root })])
    for (const phantom of both) expect((await planOf(phantom, 'select * from payments'))['Plan Rows']).toBe(50_000_000)
    expect(homesIn(root)).toHaveLength(2)
  })
})

describe('a schema of five thousand tables', () => {
  it('is built and planned', async () => {
    const names = Array.from({ length: TABLES }, (_, at) => `t_${at}`)
    const schema = names.flatMap((name) => [
      statement(`create table ${name} (id bigint primary key, note text)`),
      statement(`create index on ${name} (note)`, { kind: 'index' }),
    ])
    const relations = names.flatMap((name) => [
      relationOf(name, { pages: 100, reltuples: 10_000 }),
      relationOf(`${name}_pkey`, { kind: 'i', table: name, method: 'btree', pages: 30, reltuples: 10_000 }),
      relationOf(`${name}_note_idx`, { kind: 'i', table: name, method: 'btree', pages: 40, reltuples: 10_000 }),
    ])
    const phantom = await openPhantom(snapshotOf(schema, relations))
    expect(phantom.skipped).toEqual([])
    expect((await planOf(phantom, 'select * from t_4999'))['Plan Rows']).toBe(10_000)
  }, 180_000)
})
