/** How much traffic makes the incident appear on this machine with this much data. */
import type { DurationMs } from '../../base/time.ts'

/** Requests a second of customers: paying, ordering, settling. */
const CUSTOMER_RATE = 53
/**
 * Processor time that the back office's list asks of the database once its index is gone, as a part of what the machine
 * has; the services need more than the rest of it. Measured on two cores and two million rows: at 0.7 the queue did not
 * grow and there was no outage, at 0.85 the pool fills within a quarter of an hour of the incident's time, at 0.95 most
 * requests failed. Some of those runs shared the machine with other work: the order is sure, the borders are not.
 */
const DEMAND = 0.85
const MIN_LIST_RATE = 1
/** Beyond this the services that turn the lists into JSON would be what is overloaded. */
const MAX_LIST_RATE = 80

export interface TrafficShape {
  /** Requests a second in all. */
  readonly rate: number
  /** Percent of them that ask for the back office's list. */
  readonly listPercent: number
}

/**
 * The same pressure on every machine; customers do not change.
 * @param machine what one list takes without its index, > 0, and the cores that share the work
 */
export function trafficShape(machine: { readonly probe: DurationMs; readonly cores: number }): TrafficShape {
  const wanted = (DEMAND * machine.cores) / (machine.probe / 1000)
  const list = Math.min(MAX_LIST_RATE, Math.max(MIN_LIST_RATE, wanted))
  const rate = CUSTOMER_RATE + list
  return { rate, listPercent: (list / rate) * 100 }
}
