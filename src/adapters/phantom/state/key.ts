import type { SchemaState } from '../../../core/check/plans.ts'

/** Two states with the same key are the same. */
export const keyOfState = (state: SchemaState): string =>
  JSON.stringify([state.statements, state.analysed, state.extra, state.jitter?.seed ?? null])
