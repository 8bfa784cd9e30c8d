import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readSnapshot } from '../../src/cli/snapshot/read.ts'
import type { Snapshot } from '../../src/core/check/snapshot.ts'
import { printSnapshot } from '../../src/core/check/snapshot-file.ts'

const SMALL: Snapshot = {
  format: 1,
  takenAt: '2026-11-20T12:00:00.000Z',
  values: 'remap',
  server: { version: 160_004, encoding: 'UTF8', collation: 'C', database: 'shop' },
  connections: { max: 100, superuserReserved: 3, reserved: 0 },
  settings: [{ name: 'work_mem', value: '4MB' }],
  overrides: [{ role: null, inDatabase: true, settings: [{ name: 'work_mem', value: '8MB' }] }],
  schemaSource: 'catalog',
  schema: [{ sql: 'CREATE TABLE public.t (a int)', kind: 'table', object: 'public.t', extension: null }],
  relations: [
    {
      schema: 'public',
      name: 't',
      kind: 'r',
      table: null,
      method: null,
      relpages: 5,
      reltuples: 100,
      relallvisible: 0,
      pages: 5,
      height: null,
      scans: 0,
      valid: true,
      columns: [
        {
          column: 'a',
          inherited: false,
          nullFrac: 0.25,
          avgWidth: 4,
          nDistinct: 4,
          correlation: null,
          mostCommonVals: '{1,2,3,4}',
          mostCommonFreqs: [0.2, 0.2, 0.2, 0.15],
          histogramBounds: null,
          mostCommonElems: null,
          mostCommonElemFreqs: null,
          elemCountHistogram: null,
          rangeLengthHistogram: null,
          rangeEmptyFrac: null,
          rangeBoundsHistogram: null,
          low: '1',
          high: '4',
        },
      ],
    },
  ],
  sequences: [],
  extendedStatistics: [],
  workload: [],
  workloadMinutes: null,
  appliedMigrations: ['1'],
  missing: [],
}

describe('reading a snapshot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'premortem-read-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'snapshot.json')
  const reading = (text: string) => {
    writeFileSync(path, text)
    return readSnapshot(path)
  }
  const text = printSnapshot(SMALL)

  it('gives back what was printed', async () => {
    expect(await reading(text)).toEqual(SMALL)
    expect(printSnapshot(await reading(text))).toBe(text)
  })

  it('takes files that spell every key out', async () => {
    expect(await reading(JSON.stringify(SMALL))).toEqual(SMALL)
  })

  it('names the file that is not there', async () => {
    await expect(readSnapshot(join(folder, 'none.json'))).rejects.toMatchObject({
      code: 'snapshot-not-readable',
      where: join(folder, 'none.json'),
    })
  })

  it('tells a file that breaks off', async () => {
    await expect(reading(text.slice(0, text.length / 2))).rejects.toMatchObject({
      code: 'snapshot-damaged',
      message: expect.stringContaining('breaks off'),
    })
  })

  it('tells JSON of another kind', async () => {
    const foreign = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    await expect(reading(foreign)).rejects.toMatchObject({ code: 'snapshot-foreign' })
    await expect(reading('[]')).rejects.toMatchObject({ code: 'snapshot-foreign' })
  })

  it('tells a newer format before it looks at the rest', async () => {
    await expect(reading('{"format": 2, "relations": "different"}')).rejects.toMatchObject({ code: 'snapshot-newer' })
  })

  it('names the place of a wrong type', async () => {
    await expect(reading(text.replace('"reltuples":100', '"reltuples":"many"'))).rejects.toMatchObject({
      code: 'snapshot-damaged',
      where: `${path}: relations[0].reltuples`,
    })
    await expect(reading(text.replace('"is":[4,4', '"is":["4",4'))).rejects.toMatchObject({
      where: `${path}: relations[0].columns[0].is[0]`,
    })
  })
})
