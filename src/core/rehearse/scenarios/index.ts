import type { Script } from '../script.ts'
import { paymentPoolExhaustion } from './payment-pool-exhaustion.ts'

/** Every scenario that `premortem drill` knows; the first is the default. */
export const SCENARIOS: readonly Script[] = [paymentPoolExhaustion]
