/** Reads series: grouping, adding up, peaks, means and the first time that a limit was passed. */
import type { DurationMs, EpochMs } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { SeriesPoint } from '../watch/samples.ts'

/** One value of a curve, in the unit of its metric. */
export interface Sample {
  readonly at: EpochMs
  readonly value: number
}

/** One metric of one release of one service, ordered by time. */
export interface Curve {
  readonly service: ServiceName | null
  readonly release: ReleaseId | null
  readonly metric: string
  readonly samples: readonly Sample[]
}

/** `from` ≤ at < `to`. */
export interface Window {
  readonly from: EpochMs
  readonly to: EpochMs
}

/** Samples of one look that were taken less than this apart belong together when they are added up. */
const TICK_MS = 1000

const keyOf = (point: Pick<SeriesPoint, 'service' | 'release' | 'metric'>): string =>
  `${point.metric}\u0000${point.service}\u0000${point.release ?? ''}`

/** Groups points by metric, service and release; curves come sorted by those names, values that are no number are left out. */
export function toCurves(series: readonly SeriesPoint[]): readonly Curve[] {
  const groups = new Map<string, { first: SeriesPoint; samples: Sample[] }>()
  for (const point of series) {
    if (!Number.isFinite(point.value) || !Number.isFinite(point.at)) continue
    const group = groups.get(keyOf(point)) ?? { first: point, samples: [] }
    group.samples.push({ at: point.at, value: point.value })
    groups.set(keyOf(point), group)
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { first, samples }]) => ({
      service: first.service,
      release: first.release,
      metric: first.metric,
      samples: samples.sort((a, b) => a.at - b.at || a.value - b.value),
    }))
}

/** The curves of one metric, of one service or of all. */
export const ofMetric = (curves: readonly Curve[], metric: string, service?: ServiceName): readonly Curve[] =>
  curves.filter((curve) => curve.metric === metric && (service === undefined || curve.service === service))

/** Puts several curves together tick by tick, such as the pools of two releases into the pool of the service. */
export function combined(curves: readonly Curve[], how: 'sum' | 'max'): Curve | null {
  const first = curves[0]
  if (first === undefined) return null
  const ticks = new Map<number, number>()
  for (const curve of curves) {
    const own = new Map(curve.samples.map((sample) => [Math.round(sample.at / TICK_MS), sample.value]))
    for (const [tick, value] of own) {
      const before = ticks.get(tick)
      ticks.set(tick, before === undefined ? value : how === 'sum' ? before + value : Math.max(before, value))
    }
  }
  const samples = [...ticks.entries()]
    .sort(([a], [b]) => a - b)
    .map(([tick, value]) => ({ at: (tick * TICK_MS) as EpochMs, value }))
  return { service: first.service, release: null, metric: first.metric, samples }
}

/** The samples in a window, in order. */
export const within = (curve: Curve, window: Window): readonly Sample[] =>
  curve.samples.filter((sample) => sample.at >= window.from && sample.at < window.to)

/** The highest sample, the earliest of equals. */
export function peak(curve: Curve | null, window?: Window): Sample | null {
  if (curve === null) return null
  let best: Sample | null = null
  for (const sample of window === undefined ? curve.samples : within(curve, window)) {
    if (best === null || sample.value > best.value) best = sample
  }
  return best
}

/** The mean, each sample weighted by the weight curve's value of the same tick when there is one. */
export function mean(curve: Curve | null, window: Window, weights: Curve | null = null): number | null {
  if (curve === null) return null
  const weightOf = new Map((weights?.samples ?? []).map((sample) => [Math.round(sample.at / TICK_MS), sample.value]))
  let sum = 0
  let total = 0
  for (const sample of within(curve, window)) {
    const weight = weights === null ? 1 : (weightOf.get(Math.round(sample.at / TICK_MS)) ?? 0)
    sum += sample.value * weight
    total += weight
  }
  return total === 0 ? null : sum / total
}

/**
 * Each sample as the mean of those of the last `over` up to it, weighted by the weight curve's value of the same tick: what
 * a rule sees that waits for enough requests. A second with few of them says little alone.
 */
export function trailingMean(curve: Curve | null, weights: Curve | null, over: DurationMs): Curve | null {
  if (curve === null) return null
  const samples = curve.samples.map(({ at, value }) => {
    const window = { from: (at - over + 1) as EpochMs, to: (at + 1) as EpochMs }
    return { at, value: mean(curve, window, weights) ?? value }
  })
  return { ...curve, samples }
}

/** The middle of the samples; the lower of two middles. Robust against one odd second. */
export function median(curve: Curve | null, window: Window): number | null {
  if (curve === null) return null
  const values = within(curve, window)
    .map((sample) => sample.value)
    .sort((a, b) => a - b)
  return values[Math.floor((values.length - 1) / 2)] ?? null
}

/** When the curve had stayed above `limit` for `sustained`, counted from `from`; null when it never did. */
export function firstSustainedAbove(
  curve: Curve | null,
  rule: { readonly limit: number; readonly sustained: DurationMs; readonly from: EpochMs },
): EpochMs | null {
  let since: EpochMs | null = null
  for (const sample of curve?.samples ?? []) {
    if (sample.at < rule.from) continue
    if (sample.value <= rule.limit) since = null
    else {
      since ??= sample.at
      if (sample.at - since >= rule.sustained) return sample.at
    }
  }
  return null
}
