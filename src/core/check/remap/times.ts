/** Dates and times: moved as numbers are, seen from the moment at which the snapshot was taken. */
import type { EpochMs } from '../../../base/time.ts'
import { movePoints } from './line.ts'

const KEPT_BITS = 5
const SECOND = 1_000_000n
const MINUTE = 60n * SECOND
const HOUR = 60n * MINUTE
const DAY = 24n * HOUR

const STAMP = /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/

/** Days since 1970-01-01 in the Gregorian calendar. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
function daysFrom(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

function dateOf(days: number): string {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const ofEra = z - era * 146_097
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const shifted = Math.floor((5 * ofYear + 2) / 153)
  const day = ofYear - Math.floor((153 * shifted + 2) / 5) + 1
  const month = shifted + (shifted < 10 ? 3 : -9)
  const y = year + era * 400 + (month <= 2 ? 1 : 0)
  return `${String(y).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** Hours, minutes, and where they are there seconds and their fraction, as microseconds. */
const clock = ([hours = '0', minutes = '0', seconds = '0', fraction = '']: readonly (string | undefined)[]): bigint =>
  BigInt(hours) * HOUR + BigInt(minutes) * MINUTE + BigInt(seconds) * SECOND + BigInt(fraction.padEnd(6, '0'))

function offsetOf(zone: string | undefined): bigint {
  const found = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '')
  if (found === null) return 0n
  const offset = clock(found.slice(2, 4))
  return found[1] === '-' ? -offset : offset
}

/** Microseconds since 1970 in UTC. Null for what is no such text, years before Christ among them. */
function parseStamp(text: string): bigint | null {
  const found = STAMP.exec(text)
  if (found === null) return null
  const [, year, month, day, hours = '0', minutes = '0', seconds, fraction, zone] = found
  const days = daysFrom(Number(year), Number(month), Number(day))
  return BigInt(days) * DAY + clock([hours, minutes, seconds, fraction]) - offsetOf(zone)
}

function parseTime(text: string): bigint | null {
  const found = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/.exec(text)
  return found === null ? null : clock(found.slice(1, 5))
}

const two = (value: bigint): string => String(value).padStart(2, '0')

function clockText(rest: bigint): string {
  const fraction = rest % SECOND
  const seconds = (rest / SECOND) % 60n
  const short = `${two(rest / HOUR)}:${two((rest / MINUTE) % 60n)}`
  if (seconds === 0n && fraction === 0n) return short
  const part = fraction === 0n ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`
  return `${short}:${two(seconds)}${part}`
}

/** The shortest text that PostgreSQL reads, without white space. */
function printStamp(at: bigint, type: string): string {
  const rest = ((at % DAY) + DAY) % DAY
  const date = dateOf(Number((at - rest) / DAY))
  if (type === 'date' || (rest === 0n && type === 'timestamp')) return date
  return `${date}T${clockText(rest)}${type === 'timestamptz' ? 'Z' : ''}`
}

/** Far from its neighbour, or long ago, a moment needs no seconds or fractions. */
function unitOf(gap: bigint, distance: bigint): bigint {
  if (gap >= 64n * DAY) return DAY
  if (gap >= 64n * HOUR) return HOUR
  if (gap >= 64n * MINUTE || distance >= 64n * DAY) return MINUTE
  return gap >= 64n * SECOND || distance >= HOUR ? SECOND : 1n
}

const SPECIAL = /^-?infinity$/i

/**
 * New moments for old, for the types `date`, `timestamp`, `timestamptz` and `time`. Distances between neighbours, the
 * first of them the one to `now`, are kept to within 3 %; moments in `literals` stay.
 * @returns null when a value cannot be read
 */
export function remapTimes(
  values: readonly string[],
  options: { readonly type: string; readonly now: EpochMs; readonly literals: readonly string[] },
): ReadonlyMap<string, string> | null {
  const { type } = options
  const unit = type === 'date' ? DAY : 1n
  const parse = (text: string) => {
    const point = type === 'time' ? parseTime(text) : parseStamp(text)
    return point === null ? null : point / unit
  }
  const plain = values.filter((value) => !SPECIAL.test(value))
  const points = plain.map(parse)
  const readable = points.flatMap((point) => (point === null ? [] : [point]))
  if (readable.length < points.length) return null
  const now = (((BigInt(Math.floor(options.now)) * 1000n) / HOUR) * HOUR) / unit
  const moved = movePoints(readable, {
    bits: KEPT_BITS,
    anchors: [type === 'time' ? 0n : now, ...options.literals.flatMap((text) => parse(text) ?? [])],
    lowest: type === 'time' ? 0n : null,
    highest: type === 'time' ? DAY - 1n : null,
    ...(type === 'date' || type === 'time' ? {} : { unit: unitOf }),
  })
  const result = new Map(values.filter((value) => SPECIAL.test(value)).map((value) => [value, value]))
  plain.forEach((text, index) => {
    const point = readable[index] ?? 0n
    const place = (moved.get(point) ?? point) * unit
    result.set(text, type === 'time' ? clockText(place) : printStamp(place, type))
  })
  return result
}
