/** An incident to rehearse: who did what at which minute, as data. */
import { type DurationMs, type EpochMs, epochMs, ms } from '../../base/time.ts'

/** As it happened, and under premortem. */
export type Act = 'unguarded' | 'guarded'

/**
 * The clock of a rehearsed incident: one of its minutes lasts `pace` real milliseconds.
 * `scenarioStart` is the incident's own time (ISO 8601, UTC) at the real instant `startedAt`.
 */
export interface ScenarioClock {
  readonly startedAt: EpochMs
  readonly scenarioStart: string
  readonly pace: DurationMs
}

/** `14:32` for a real instant. */
export function scenarioTime(clock: ScenarioClock, at: EpochMs): string {
  const minutes = (at - clock.startedAt) / clock.pace
  return new Date(Date.parse(clock.scenarioStart) + Math.floor(minutes) * 60_000).toISOString().slice(11, 16)
}

/** The real instant of `HH:MM` on the scenario's day. @throws RangeError when the text is no time. */
export function realTime(clock: ScenarioClock, time: string): EpochMs {
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) throw new RangeError(`not a time of day: ${time}`)
  const at = Date.parse(`${clock.scenarioStart.slice(0, 10)}T${time}:00Z`)
  return epochMs(clock.startedAt + ((at - Date.parse(clock.scenarioStart)) / 60_000) * clock.pace)
}

/** How long `minutes` of the incident last here. */
export const paced = (clock: Pick<ScenarioClock, 'pace'>, minutes: number): DurationMs => ms(minutes * clock.pace)
