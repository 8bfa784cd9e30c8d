import type { ServiceName } from '../../base/units.ts'
import type { Observation } from '../../core/watch/samples.ts'

/** Connections of a service's pools, over all releases and replicas. */
export interface PoolNow {
  readonly used: number
  readonly max: number
  readonly pending: number
}

/** The pools as last seen; null when no replica answered. */
export function poolOf(observation: Observation | null, service: ServiceName): PoolNow | null {
  const samples = observation?.services.filter((sample) => sample.service === service) ?? []
  const sum = (of: (pool: PoolNow) => number) => samples.reduce((total, sample) => total + of(sample.pool), 0)
  const max = sum((pool) => pool.max)
  return max === 0 ? null : { used: sum((pool) => pool.used), max, pending: sum((pool) => pool.pending) }
}
