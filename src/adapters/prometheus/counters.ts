/** Turns cumulative counters into what was counted since the look before. Pure. */
import type { MetricSample } from './exposition.ts'

/** Series that are remembered of one target; further ones are not counted. */
export const MAX_SERIES_PER_TARGET = 5000

const START_TIME = 'process_start_time_seconds'

/** What one series counted since the look before. */
export interface Increase {
  readonly labels: ReadonlyMap<string, string>
  readonly name: string
  /** ≥ 0. */
  readonly by: number
}

interface Target {
  readonly startedAt: number | null
  readonly values: ReadonlyMap<string, number>
}

const keyOf = (sample: MetricSample): string =>
  JSON.stringify([sample.name, ...[...sample.labels].sort(([a], [b]) => (a < b ? -1 : 1))])

function startTimeOf(samples: readonly MetricSample[]): number | null {
  const value = samples.find((sample) => sample.name === START_TIME)?.value
  return value !== undefined && Number.isFinite(value) ? value : null
}

/**
 * Counters of several targets. The first look at a target only sets its zero, since what it counted before is not
 * ours to report. From then on a series that appears has counted from 0. When one counter of a target went down, or its
 * process start time changed, the process was restarted: all of its counters then count from 0.
 */
export class Counters {
  private readonly targets = new Map<string, Target>()
  private readonly counts: (name: string) => boolean

  /** `counts`: which metrics are counters of interest. */
  constructor(counts: (name: string) => boolean) {
    this.counts = counts
  }

  increases(target: string, samples: readonly MetricSample[]): readonly Increase[] {
    const before = this.targets.get(target)
    const values = new Map<string, number>()
    const found: { readonly sample: MetricSample; readonly previous: number }[] = []
    const startedAt = startTimeOf(samples)
    let restarted = before?.startedAt != null && startedAt !== null && before.startedAt !== startedAt
    for (const sample of samples) {
      if (!this.counts(sample.name) || !Number.isFinite(sample.value) || values.size >= MAX_SERIES_PER_TARGET) continue
      const key = keyOf(sample)
      if (values.has(key)) continue
      values.set(key, sample.value)
      const previous = before?.values.get(key) ?? 0
      if (sample.value < previous) restarted = true
      found.push({ sample, previous })
    }
    this.targets.set(target, { startedAt, values })
    if (before === undefined) return []
    return found.map(({ sample, previous }) => ({
      name: sample.name,
      labels: sample.labels,
      by: Math.max(0, sample.value - (restarted ? 0 : previous)),
    }))
  }

  /** Forgets the targets that are gone: what is remembered stays as small as what lives. */
  keepOnly(targets: ReadonlySet<string>): void {
    for (const target of this.targets.keys()) {
      if (!targets.has(target)) this.targets.delete(target)
    }
  }
}
