/** How numbers are written in the sentences that people read: alerts, reasons of decisions, evidence. */
import type { DurationMs } from '../base/time.ts'

/** At most one decimal below 100, none above; a large number with thousands separators. */
export function figure(value: number): string {
  const rounded = Math.abs(value) < 100 ? Math.round(value * 10) / 10 : Math.round(value)
  return String(rounded).replace(/\B(?=(\d{3})+$)/g, Math.abs(rounded) >= 1000 ? ',' : '')
}

/** `450 ms`, `5 s`, `12.5 s`, `5 min`: seconds below two minutes. */
export function spanText(span: DurationMs): string {
  if (span < 1000) return `${figure(span)} ms`
  return span < 120_000 ? `${figure(span / 1000)} s` : `${figure(span / 60_000)} min`
}

/** `13.5 % (13 of 96 requests)` */
export const rateText = (of: { readonly errors: number; readonly requests: number }): string =>
  `${figure(of.requests === 0 ? 0 : (of.errors / of.requests) * 100)} % (${of.errors} of ${of.requests} requests)`
