import { runPaymentService } from '../../src/payment-service/service.ts'
import { listPending } from './list-pending.ts'

runPaymentService({ listPending, queryTimeoutMs: 5_000 })
