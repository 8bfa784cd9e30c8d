/** The rows that compare the record of 2024 with both acts. One list for terminal and page. */
import { count, inMinutes, inMs, inSeconds, NOT_REACHED, percentage } from '../../../core/learn/figures.ts'
import type { ActResult, DrillResult, IncidentRecord } from '../../../core/rehearse/result.ts'

/** One measure of the comparison, as text. */
export interface MeasureRow {
  readonly name: string
  /** In minutes of the incident where it is a time. */
  readonly record: string
  /** In real seconds where it is a time. */
  readonly unguarded: string
  readonly guarded: string
  /** How the guarded act compares: `1/70`, `equal`, or nothing where a ratio says nothing. */
  readonly change: string
  /** True when the guarded act is not worse. */
  readonly better: boolean
}

const NOT_STATED = 'not stated'

interface Measure {
  readonly name: string
  record(record: IncidentRecord): string
  value(act: ActResult): number | null
  shown(value: number | null): string
}

const minutes = (value: number | null): string => (value === null ? NOT_STATED : inMinutes(value))
const stated = (value: number | null, show: (value: number) => string): string =>
  value === null ? NOT_STATED : show(value)
const seconds = (value: number | null): string => inSeconds(value, NOT_REACHED)

const MEASURES: readonly Measure[] = [
  {
    name: 'Time to the first alert',
    record: (of) => minutes(of.minutesToAlert),
    value: (of) => of.secondsToAlert,
    shown: seconds,
  },
  {
    name: 'Time to the cause',
    record: (of) => minutes(of.minutesToCause),
    value: (of) => of.secondsToCause,
    shown: seconds,
  },
  {
    name: 'Time to the rollback decision',
    record: (of) => minutes(of.minutesToRollbackDecision),
    value: (of) => of.secondsToRollbackDecision,
    shown: seconds,
  },
  {
    name: 'Time to recovery',
    record: (of) => minutes(of.minutesToRecovery),
    value: (of) => of.secondsToRecovery,
    shown: seconds,
  },
  {
    name: 'Failed payments',
    record: (of) => stated(of.failedPayments, count),
    value: (of) => of.failedPayments,
    shown: count,
  },
  {
    name: 'Delayed payments',
    record: (of) => stated(of.delayedPayments, count),
    value: (of) => of.delayedPayments,
    shown: count,
  },
  { name: 'Lost payments', record: () => NOT_STATED, value: (of) => of.lostPayments, shown: count },
  { name: 'Payments paid twice', record: () => NOT_STATED, value: (of) => of.doublePayments, shown: count },
  {
    name: 'Peak error rate',
    record: (of) => stated(of.peakErrorRatePercent, percentage),
    value: (of) => of.peakErrorRatePercent,
    shown: percentage,
  },
  {
    name: 'Peak pool connections',
    record: (of) => stated(of.peakPoolConnections, count),
    value: (of) => of.peakPoolConnections,
    shown: count,
  },
  { name: 'Latency p95 over the act', record: () => NOT_STATED, value: (of) => of.latencyMs.p95, shown: inMs },
  {
    name: 'Longest query',
    record: (of) => stated(of.longestQuerySeconds, inSeconds),
    value: (of) => of.longestQuerySeconds,
    shown: (value) => inSeconds(value, 'not measured'),
  },
  {
    name: 'Error budget used',
    record: (of) => stated(of.errorBudgetUsedPercent, (value) => `${percentage(value)} (stated)`),
    value: (of) => of.errorBudget.usedPercent,
    shown: percentage,
  },
]

/** `1/70` when the guarded act has a seventieth, `×1.4` when it has more. */
function change(unguarded: number | null, guarded: number | null): string {
  if (unguarded === null || guarded === null) return ''
  if (unguarded === guarded) return 'equal'
  if (guarded === 0) return 'none left'
  if (unguarded === 0) return ''
  const factor = unguarded / guarded
  return factor >= 1 ? `1/${factor < 10 ? factor.toFixed(1) : Math.round(factor)}` : `×${(1 / factor).toFixed(1)}`
}

/** All rows, in the order in which they are read. */
export function measureRows(result: DrillResult, record: IncidentRecord): readonly MeasureRow[] {
  const { unguarded, guarded } = result.acts
  return MEASURES.map((measure) => {
    const [before, after] = [measure.value(unguarded), measure.value(guarded)]
    return {
      name: measure.name,
      record: measure.record(record),
      unguarded: measure.shown(before),
      guarded: measure.shown(after),
      change: change(before, after),
      better: after !== null && (before === null || after <= before),
    }
  })
}
