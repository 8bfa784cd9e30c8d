/** The result of a drill for the terminal: lines without line ends. */
import pc from 'picocolors'
import type { DrillResult, IncidentRecord } from '../../../core/rehearse/result.ts'
import { measureRows } from './measures.ts'

interface Looks {
  /** Default false: plain text. */
  readonly colour?: boolean
}

const HEAD = ['', 'record of 2024', 'act 1, as it happened', 'act 2, guarded'] as const

const widest = (cells: readonly string[]): number => Math.max(...cells.map((cell) => cell.length))

/**
 * The table that closes a drill: measure, record of 2024, act 1, act 2. Times of the record are minutes of the incident,
 * times of the acts are real seconds; all count from the first bad request.
 */
export function finalTable(result: DrillResult, record: IncidentRecord, looks: Looks = {}): string[] {
  const colours = pc.createColors(looks.colour ?? false)
  const rows = measureRows(result, record)
  const cells = rows.map((row) => [row.name, row.record, row.unguarded, row.guarded] as const)
  const widths = HEAD.map((title, at) => widest([title, ...cells.map((row) => row[at] ?? '')]))
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('   ')
  const body = cells.map((row, at) => {
    const text = line(row)
    const cut = text.length - (widths[3] ?? 0)
    const guarded = text.slice(cut)
    return text.slice(0, cut) + (rows[at]?.better === true ? colours.green(guarded) : colours.yellow(guarded))
  })
  return [
    colours.dim('Times from the first bad request: minutes of the incident in 2024, real seconds in the acts.'),
    colours.bold(line(HEAD)),
    colours.dim('-'.repeat(line(HEAD).length)),
    ...body,
  ]
}

/** What the drill had to reach, and whether it did: one line each. */
export function numbersLines(result: DrillResult, looks: Looks = {}): string[] {
  const colours = pc.createColors(looks.colour ?? false)
  const name = widest(result.numbers.map((number) => number.name).concat(''))
  const measured = widest(result.numbers.map((number) => number.measured).concat(''))
  return result.numbers.map((number) => {
    const verdict = number.met ? colours.green('met   ') : colours.red('missed')
    return `${verdict} ${number.name.padEnd(name)}   ${number.measured.padStart(measured)}   limit ${number.limit}`
  })
}
