/** Whether an expression gives every row its own value: then a default made of it writes the whole table anew. */
import type { Node } from '@pgsql/types'
import { findAll, nameFrom } from './pick.ts'
import { STEADY_FUNCTIONS, VOLATILE_FUNCTIONS } from './volatile-functions.ts'

/** A call that may give a new value each time. */
export interface VolatileCall {
  /** As in `gen_random_uuid()`, without arguments. */
  readonly name: string
  /** `unknown`: not one of PostgreSQL's own functions; PostgreSQL takes functions as volatile unless told otherwise. */
  readonly certainty: 'volatile' | 'unknown'
  readonly location: number
}

/** The first call below a node that is volatile, or else the first that may be; null when there is none. */
export function volatileCall(expression: Node | null | undefined): VolatileCall | null {
  const calls = findAll(expression, 'FuncCall').flatMap((call): VolatileCall[] => {
    const { schema, name } = nameFrom(call.funcname)
    const location = call.location ?? 0
    const builtIn = schema === null || schema === 'pg_catalog'
    if (VOLATILE_FUNCTIONS.has(name)) return [{ name, certainty: 'volatile', location }]
    if (builtIn && STEADY_FUNCTIONS.has(name)) return []
    return [{ name: schema === null ? name : `${schema}.${name}`, certainty: 'unknown', location }]
  })
  return calls.find((call) => call.certainty === 'volatile') ?? calls[0] ?? null
}
