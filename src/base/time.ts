import type { Brand } from './brand.ts'

/** Wall-clock time: milliseconds since 1970-01-01T00:00:00Z. For timestamps, never for durations. */
export type EpochMs = Brand<number, 'EpochMs'>

/** A length of time in milliseconds, ≥ 0 unless said otherwise. */
export type DurationMs = Brand<number, 'DurationMs'>

export const epochMs = (value: number): EpochMs => value as EpochMs
export const ms = (value: number): DurationMs => value as DurationMs
export const seconds = (value: number): DurationMs => (value * 1000) as DurationMs
export const minutes = (value: number): DurationMs => (value * 60_000) as DurationMs

/** `later` − `earlier`; negative when the order is reversed. */
export const elapsed = (span: { from: EpochMs; to: EpochMs }): DurationMs => (span.to - span.from) as DurationMs
export const plus = (at: EpochMs, duration: DurationMs): EpochMs => (at + duration) as EpochMs
export const toSeconds = (duration: DurationMs): number => duration / 1000
export const toIso = (at: EpochMs): string => new Date(at).toISOString()

/** The one source of time. Decisions never ask for it: their events carry it. */
export interface Clock {
  /** Wall time, for timestamps. */
  now(): EpochMs
  /** Time that never jumps, in milliseconds from an arbitrary zero: for durations and deadlines. */
  monotonic(): number
  /** Resolves after `duration`, or at once when `signal` is aborted (it never rejects). */
  sleep(duration: DurationMs, signal?: AbortSignal): Promise<void>
}
