import type { Stream } from '../events.ts'
import type { Observation, SeriesPoint } from './samples.ts'

/** Everything that is looked at once a tick. Never throws for an unreachable source: it is named in `missing`. */
export interface Sources {
  observe(signal: AbortSignal): Promise<Observation>
}

/** Keeps curves. */
export interface SampleStore {
  append(environment: string, points: readonly SeriesPoint[]): Promise<void>
  /** All points of one stream, ordered by time. */
  read(stream: Stream): Promise<readonly SeriesPoint[]>
}
