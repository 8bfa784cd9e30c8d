/** The back office's list of pending payments: what each release must give, whatever its query. */
import type { Query } from '../shared/database.ts'

/** One pending payment with what the back office wants to see of its customer and order. */
export interface PendingPayment {
  readonly id: number
  readonly orderId: number
  readonly amountCents: number
  readonly createdAt: string
  readonly customer: string | null
  readonly sku: string | null
}

/** Gives pending payments, newest first. */
export type ListPending = (query: Query) => Promise<readonly PendingPayment[]>
