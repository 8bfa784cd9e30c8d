import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../../src/base/problem.ts'
import {
  type DrillFiles,
  drillPaths,
  finalTable,
  numbersLines,
  writeDrillFiles,
} from '../../src/cli/drill/report/index.ts'
import { reportPage } from '../../src/cli/drill/report/page.ts'
import { factsOf } from '../../src/core/learn/facts.ts'
import { RECORD_2024, RECORD_2024_SOURCES } from '../../src/core/rehearse/record-2024.ts'
import type { DrillResult } from '../../src/core/rehearse/result.ts'
import { guardedInput, sampleResult, unguardedInput } from './sample.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'premortem-report-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const filesIn = (where: string, result = sampleResult): DrillFiles => ({
  folder: where,
  result,
  acts: { unguarded: unguardedInput, guarded: guardedInput },
  record: RECORD_2024,
})

const nothing: DrillResult = {
  ...sampleResult,
  numbers: [],
  acts: {
    unguarded: {
      ...sampleResult.acts.unguarded,
      firstBadRequestAt: null,
      secondsToAlert: null,
      secondsToCause: null,
      secondsToRollbackDecision: null,
      secondsToRecovery: null,
    },
    guarded: {
      ...sampleResult.acts.guarded,
      firstBadRequestAt: null,
      secondsToAlert: null,
      secondsToCause: null,
      secondsToRollbackDecision: null,
      secondsToRecovery: null,
      cause: null,
    },
  },
}

const pageOf = (result: DrillResult, events = guardedInput.events) =>
  reportPage({
    result,
    record: RECORD_2024,
    acts: {
      unguarded: factsOf({ ...unguardedInput, result: result.acts.unguarded }, 'u'),
      guarded: factsOf({ ...guardedInput, events, result: result.acts.guarded }, 'g'),
    },
  })

describe('the files of a drill', () => {
  it('are all there, whole, and result.json says exactly what was measured', async () => {
    const paths = await writeDrillFiles(filesIn(join(folder, 'new', 'drill')))
    const names = await readdir(join(folder, 'new', 'drill'))
    expect(names.sort()).toEqual([
      'charts',
      'ledger.json',
      'postmortem-guarded.md',
      'postmortem.md',
      'report.html',
      'result.json',
      'series.json',
    ])
    expect(JSON.parse(await readFile(paths.resultPath, 'utf8'))).toEqual(sampleResult)
    const ledger = JSON.parse(await readFile(paths.ledgerPath, 'utf8'))
    expect(ledger.acts.unguarded.events).toEqual(unguardedInput.events)
    expect(ledger.acts.guarded.events).toEqual(guardedInput.events)
  })

  it('hold every sample of the curves', async () => {
    const { seriesPath } = await writeDrillFiles(filesIn(folder))
    const series = JSON.parse(await readFile(seriesPath, 'utf8'))
    const samples = series.acts.guarded.reduce(
      (sum: number, curve: { samples: unknown[] }) => sum + curve.samples.length,
      0,
    )
    expect(samples).toBe(guardedInput.series.length)
  })

  it('hold every chart that the documents show', async () => {
    const paths = await writeDrillFiles(filesIn(folder))
    const charts = new Set(await readdir(join(folder, 'charts')))
    for (const path of [paths.postmortemPath, paths.guardedPostmortemPath]) {
      const shown = [...(await readFile(path, 'utf8')).matchAll(/\]\(charts\/([^)]+)\)/g)].map(
        (match) => match[1] ?? '',
      )
      expect(shown).toHaveLength(5)
      for (const name of shown) expect(charts.has(name)).toBe(true)
    }
  })

  it('are the same to the byte when they are written again, with nothing left beside them', async () => {
    const { reportPath } = await writeDrillFiles(filesIn(folder))
    const first = await readFile(reportPath, 'utf8')
    await writeDrillFiles(filesIn(folder))
    expect(await readFile(reportPath, 'utf8')).toBe(first)
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('fail with a problem that names the file, and leave no draft and no result behind', async () => {
    await mkdir(join(folder, 'report.html'))
    await writeFile(join(folder, 'report.html', 'in-the-way'), '')
    const failure = await writeDrillFiles(filesIn(folder)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Problem)
    expect(failure).toMatchObject({ code: 'report-not-written', where: drillPaths(folder).reportPath })
    const names = await readdir(folder)
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([])
    expect(names).not.toContain('result.json')
  })
})

describe('the report', () => {
  it('needs nothing from elsewhere and runs nothing', () => {
    const page = pageOf(sampleResult)
    expect(page).not.toMatch(/<script|<link|<iframe|@import|url\((?!#)|src="/)
    expect(page).toContain("default-src 'none'")
  })

  it('tells both acts with their own numbers, the cause and the verdict', () => {
    const page = pageOf(sampleResult)
    for (const words of [
      '418 payments failed as it happened, 6 under guard',
      'passed, 4 of 4 numbers met',
      '0005_payment_review.sql:12',
      'Seq Scan on payment_transactions',
      '3,098',
    ]) {
      expect(page).toContain(words)
    }
  })

  it('says so when numbers were missed', () => {
    const missed = sampleResult.numbers.map((number, place) => ({ ...number, met: place > 0 }))
    expect(pageOf({ ...sampleResult, numbers: missed, passed: false })).toContain('1 of 4 numbers missed')
  })

  it('has honest words where nothing was measured', () => {
    const page = pageOf(nothing, [])
    expect(page.replace(/<svg[\s\S]*?<\/svg>/g, '')).not.toMatch(/\bnull\b|NaN|undefined|Infinity|\[object/)
    expect(page).toContain('not reached')
    expect(page).toContain('The diagnosis named no cause in the guarded act.')
    expect(page).toContain('was not reconciled')
  })

  it('shows values from logs and people as text', () => {
    const nasty = '<script>alert(1)</script><img src=x onerror=alert(2)>'
    const events = guardedInput.events.map((event) =>
      event.type === 'cause.named'
        ? {
            ...event,
            data: {
              ...event.data,
              summary: nasty,
              statement: nasty,
              plan: [nasty],
              evidence: [nasty],
              migrationFile: nasty,
            },
          }
        : event,
    )
    const page = pageOf({ ...sampleResult, scenario: nasty }, events)
    expect(page).not.toMatch(/<script|<img/)
    expect(page).toContain('&#60;script&#62;')
  })
})

describe('the table at the end', () => {
  it('has aligned columns and says which times are minutes and which are seconds', () => {
    const [times, ...lines] = finalTable(sampleResult, RECORD_2024)
    expect(times).toMatch(/minutes of the incident in 2024, real seconds in the acts/)
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    expect(lines.join('\n')).toMatch(/Failed payments +1,847 +418 +6/)
    expect(lines.join('\n')).toMatch(/Time to recovery +1 h 15 min +83.3 s +10.2 s/)
  })

  it('has no colour codes unless asked for, and the same text with them', () => {
    const plain = finalTable(sampleResult, RECORD_2024)
    const coloured = finalTable(sampleResult, RECORD_2024, { colour: true })
    expect(stripVTControlCharacters(plain.join('\n'))).toBe(plain.join('\n'))
    expect(coloured).not.toEqual(plain)
    expect(coloured.map((line) => stripVTControlCharacters(line))).toEqual(plain)
  })

  it('has words where nothing was measured', () => {
    const lines = [
      ...finalTable(nothing, { ...RECORD_2024, minutesToAlert: null, failedPayments: null }),
      ...numbersLines(nothing),
    ].join('\n')
    expect(lines).not.toMatch(/null|NaN|undefined/)
    expect(lines).toMatch(/Time to the first alert +not stated +not reached +not reached/)
  })

  it('says of each number whether it was met', () => {
    const missed = sampleResult.numbers.map((number, place) => ({ ...number, met: place > 0 }))
    const lines = numbersLines({ ...sampleResult, numbers: missed })
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['missed', 'met', 'met', 'met'])
  })
})

describe('the record of 2024', () => {
  it('names the place of every figure', () => {
    expect(Object.keys(RECORD_2024_SOURCES).sort()).toEqual(Object.keys(RECORD_2024).sort())
  })
})
