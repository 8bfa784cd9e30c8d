/**
 * What the clients were told against what the database says.
 *
 * R1 Every payment that a client was told of is counted once: settled, failed, refunded, open or lost.
 * R2 `lost`: the client holds a receipt for a payment, or for a settlement, that is not there.
 * R3 `double`: every payment beyond what was asked for, by key or by order, and every settlement beyond the first.
 */

/** The last that a client was told about one attempt to pay. */
export interface ToldPayment {
  /** The attempt's idempotency key. */
  readonly key: string
  /** Null when the client was never told an order. */
  readonly orderId: string | null
  readonly paymentId: string | null
  /** `delayed`: accepted, the payment is made later. */
  readonly told: 'accepted' | 'delayed' | 'failed'
  readonly toldSettled: boolean
}

/** One payment of the database. */
export interface PaymentRow {
  readonly id: string
  readonly key: string
  readonly orderId: string
  /** `settled`, `failed`, `refunded`; anything else is open. */
  readonly status: string
  readonly settlements: number
}

/** A payment that does not fit. */
export interface Offender {
  readonly kind: 'lost' | 'double' | 'told-failed-but-made'
  readonly key: string
  readonly paymentId: string | null
  /** One sentence. */
  readonly detail: string
}

/** Payments by what became of them. */
export interface Reconciliation {
  /** Payments that a client was told are accepted, or will be made later. */
  readonly told: number
  readonly settled: number
  readonly failed: number
  readonly refunded: number
  readonly open: number
  readonly lost: number
  readonly double: number
  /** The client was told that it failed, and it is there all the same: it may be paid again by hand. */
  readonly toldFailedButMade: number
  /** At most MAX_OFFENDERS, lost ones first. */
  readonly offenders: readonly Offender[]
}

export const MAX_OFFENDERS = 50

/** Both sides. */
export interface ReconcileInput {
  readonly told: readonly ToldPayment[]
  /** All payments with a key of `told`, and all that were made during the act for an order of `told`. */
  readonly rows: readonly PaymentRow[]
  /** False while delayed payments may still be made: those without a row are open then, not lost. */
  readonly queueEmpty: boolean
}

/** Counts and names what does not fit. Pure. */
export function reconcile(input: ReconcileInput): Reconciliation {
  const byKey = groupBy(input.rows, (row) => row.key)
  const counts = { settled: 0, failed: 0, refunded: 0, open: 0, lost: 0 }
  const lost: Offender[] = []
  const surprises: Offender[] = []
  let told = 0
  for (const payment of input.told) {
    const rows = byKey.get(payment.key) ?? []
    if (payment.told === 'failed') {
      const row = rows[0]
      if (row)
        surprises.push(offender('told-failed-but-made', row, `told failed, yet payment ${row.id} is ${row.status}`))
      continue
    }
    told++
    const found = fate(payment, rows, input.queueEmpty)
    counts[found.fate]++
    if (found.fate === 'lost') {
      lost.push({ kind: 'lost', key: payment.key, paymentId: payment.paymentId, detail: found.detail })
    }
  }
  const doubles = findDoubles(input)
  return {
    told,
    ...counts,
    double: doubles.count,
    toldFailedButMade: surprises.length,
    offenders: [...lost, ...doubles.offenders, ...surprises].slice(0, MAX_OFFENDERS),
  }
}

type Fate =
  | { readonly fate: 'settled' | 'failed' | 'refunded' | 'open' }
  | { readonly fate: 'lost'; readonly detail: string }

const lostBecause = (detail: string): Fate => ({ fate: 'lost', detail })

function fate(payment: ToldPayment, rows: readonly PaymentRow[], queueEmpty: boolean): Fate {
  const { paymentId, toldSettled } = payment
  const row = paymentId === null ? rows[0] : rows.find((one) => one.id === paymentId)
  if (!row) {
    if (payment.told === 'delayed' && paymentId === null && !queueEmpty) return { fate: 'open' }
    if (payment.told === 'delayed') return lostBecause('told delayed, and the payment was never made')
    return lostBecause(`told accepted as payment ${paymentId ?? '(without number)'}, which is not there under this key`)
  }
  if (row.status === 'settled' && row.settlements === 0)
    return lostBecause(`payment ${row.id} is settled without a settlement`)
  if (row.status === 'settled') return { fate: 'settled' }
  if (toldSettled) return lostBecause(`told settled, yet payment ${row.id} is ${row.status}`)
  return { fate: row.status === 'failed' || row.status === 'refunded' ? row.status : 'open' }
}

/** R3. A row counts once, whether it is too many by key or by order. */
function findDoubles({ told, rows }: ReconcileInput): {
  readonly count: number
  readonly offenders: readonly Offender[]
} {
  const extra = new Map<string, Offender>()
  const fresh = () => rows.filter((row) => !extra.has(row.id))
  for (const [key, same] of groupBy(rows, (row) => row.key)) {
    for (const row of same.slice(1))
      extra.set(row.id, offender('double', row, `payment ${row.id} is not the first for key ${key}`))
  }
  const asked = groupBy(told, (payment) => payment.orderId ?? '')
  const keys = new Set(told.map((payment) => payment.key))
  for (const [orderId, same] of groupBy(fresh(), (row) => row.orderId)) {
    const allowed = Math.max(1, asked.get(orderId)?.length ?? 0)
    // Those that a client asked for come first, so that the unasked one is named.
    const ordered = [...same.filter((row) => keys.has(row.key)), ...same.filter((row) => !keys.has(row.key))]
    for (const row of ordered.slice(allowed)) {
      extra.set(
        row.id,
        offender('double', row, `order ${orderId} has ${same.length} payments for ${allowed} asked for`),
      )
    }
  }
  const settledAgain = rows.filter((row) => row.settlements > 1)
  return {
    count: extra.size + settledAgain.reduce((sum, row) => sum + row.settlements - 1, 0),
    offenders: [
      ...extra.values(),
      ...settledAgain.map((row) => offender('double', row, `payment ${row.id} has ${row.settlements} settlements`)),
    ],
  }
}

const offender = (kind: Offender['kind'], row: PaymentRow, detail: string): Offender => ({
  kind,
  key: row.key,
  paymentId: row.id,
  detail,
})

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}
