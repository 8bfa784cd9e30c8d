/** How numbers and times are written. One place, so that a figure looks the same wherever it stands. */
import { type EpochMs, epochMs } from '../../base/time.ts'
import type { IncidentClock } from './inputs.ts'

export const NOT_MEASURED = 'not measured'
export const NOT_REACHED = 'not reached'

const known = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value)

/** `1,847`. */
export function count(value: number | null | undefined): string {
  if (!known(value)) return NOT_MEASURED
  const digits = String(Math.round(Math.abs(value)))
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ',')
  return value < 0 ? `-${grouped}` : grouped
}

/** Up to `decimals` places without trailing zeros; grouped from 1,000 on, where decimals no longer matter. */
export function decimal(value: number | null | undefined, decimals = 1): string {
  if (!known(value)) return NOT_MEASURED
  if (Math.abs(value) >= 1000) return count(value)
  const fixed = value.toFixed(decimals)
  const short = fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed
  return short === '-0' ? '0' : short
}

/** `8.3 %`; two places under 1 %, so that a small share is not shown as nothing. */
export function percentage(value: number | null | undefined): string {
  if (!known(value)) return NOT_MEASURED
  return `${decimal(value, Math.abs(value) < 1 ? 2 : 1)} %`
}

/** `17.2 s`. */
export const inSeconds = (value: number | null | undefined, missing = NOT_REACHED): string =>
  known(value) ? `${decimal(value)} s` : missing

/** `145 ms`. */
export const inMs = (value: number | null | undefined): string =>
  known(value) ? `${decimal(value, value < 10 ? 1 : 0)} ms` : NOT_MEASURED

/** `1 replica`, `3 replicas`. */
export const amount = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** Minutes of the incident for real seconds. */
export const incidentMinutes = (clock: Pick<IncidentClock, 'pace'>, realSeconds: number): number =>
  (realSeconds * 1000) / clock.pace

/** `2 h 15 min`, `17 min`, `0 min`. */
export function inMinutes(value: number | null | undefined): string {
  if (!known(value)) return NOT_REACHED
  const whole = Math.round(value)
  const hours = Math.floor(whole / 60)
  if (hours === 0) return `${whole} min`
  return whole % 60 === 0 ? `${hours} h` : `${hours} h ${whole % 60} min`
}

/** `63.1 s (1 h 3 min of incident time)`. */
export function span(clock: Pick<IncidentClock, 'pace'>, realSeconds: number | null): string {
  if (!known(realSeconds)) return NOT_REACHED
  return `${inSeconds(realSeconds)} (${inMinutes(incidentMinutes(clock, realSeconds))} of incident time)`
}

/** `14:32:05`, the incident's own time to the second. */
export function timeOfDayToSecond(clock: IncidentClock, at: EpochMs): string {
  const sinceStart = ((at - clock.startedAt) / clock.pace) * 60_000
  return new Date(Date.parse(clock.scenarioStart) + Math.floor(sinceStart / 1000) * 1000).toISOString().slice(11, 19)
}

/** `14:32`, the incident's own time. */
export const timeOfDay = (clock: IncidentClock, at: EpochMs): string => timeOfDayToSecond(clock, at).slice(0, 5)

const DAY_MS = 86_400_000

/** Turns the real times of day in a sentence (`18:03:11 UTC`) into the incident's own; `near` tells of which day they are. */
export function inIncidentTime(clock: IncidentClock, sentence: string, near: EpochMs): string {
  return sentence.replace(/\b\d\d:\d\d:\d\d(?= UTC\b)/g, (clockTime) => {
    const time = Date.parse(`1970-01-01T${clockTime}Z`)
    if (Number.isNaN(time)) return clockTime
    const at = time + Math.round((near - time) / DAY_MS) * DAY_MS
    return timeOfDayToSecond(clock, epochMs(at))
  })
}

/** `+17.2 s`, `−3 s`: real time from `zero`. */
export function offset(zero: EpochMs, at: EpochMs): string {
  const seconds = (at - zero) / 1000
  return `${seconds < 0 ? '−' : '+'}${decimal(Math.abs(seconds))} s`
}
