/** When which operation is sent: a function of the profile and the seed, never of the answers (an open loop). */
import type { Prng } from '../../base/prng.ts'
import { Problem } from '../../base/problem.ts'
import { type DurationMs, ms } from '../../base/time.ts'
import type { LoadProfile, OperationShare } from './load.ts'

/** One request of the schedule. */
export interface Arrival {
  /** Counts from 0. */
  readonly number: number
  /** Milliseconds from the start of the load, with fractions. Never smaller than that of the arrival before. */
  readonly offset: DurationMs
  readonly operation: string
}

/**
 * The endless stream of arrivals of a profile. The same profile and seed give the same stream.
 *
 * Poisson: the gaps are exponential, −ln(1 − u) ÷ rate, so arrivals come in bursts as independent customers do.
 * Even: arrival n comes at n ÷ rate.
 * @throws Problem `invalid-load-profile` when the profile cannot be followed.
 */
export function arrivals(profile: LoadProfile, random: Prng): Generator<Arrival, never> {
  checkProfile(profile)
  return stream(profile, random)
}

function* stream(profile: LoadProfile, random: Prng): Generator<Arrival, never> {
  const choose = chooser(profile.operations)
  const meanGap = 1000 / profile.rate
  let offset = 0
  for (let number = 0; ; number++) {
    if (profile.arrivals === 'poisson') offset += -Math.log(1 - random.next()) * meanGap
    else offset = number * meanGap
    yield { number, offset: ms(offset), operation: choose(random.next()) }
  }
}

/** Maps a number in [0, 1) to an operation, each by its share. */
function chooser(operations: readonly OperationShare[]): (u: number) => string {
  const usable = operations.filter((share) => share.weight > 0)
  const total = usable.reduce((sum, share) => sum + share.weight, 0)
  const last = usable.at(-1)?.operation ?? ''
  return (u) => {
    let rest = u * total
    for (const share of usable) {
      rest -= share.weight
      if (rest < 0) return share.operation
    }
    // Rounding may leave a crumb behind the last share.
    return last
  }
}

/** @throws Problem `invalid-load-profile` naming the first field that is wrong. */
function checkProfile(profile: LoadProfile): void {
  const positive = (value: number) => Number.isFinite(value) && value > 0
  if (!positive(profile.rate)) throw invalid('rate', `${profile.rate}`, 'a number of requests a second above 0')
  if (!Number.isInteger(profile.maxInFlight) || profile.maxInFlight < 1) {
    throw invalid('maxInFlight', `${profile.maxInFlight}`, 'a whole number of requests, at least 1')
  }
  if (!positive(profile.timeout)) throw invalid('timeout', `${profile.timeout}`, 'a number of milliseconds above 0')
  for (const { operation, weight } of profile.operations) {
    if (Number.isFinite(weight) && weight >= 0) continue
    throw invalid(`operations.${operation}.weight`, `${weight}`, 'a share of 0 or more')
  }
  const names = profile.operations.map((share) => share.operation)
  if (new Set(names).size !== names.length) {
    throw invalid('operations', names.join(', '), 'a list that names each operation once')
  }
  if (!profile.operations.some((share) => share.weight > 0)) {
    throw invalid('operations', names.join(', ') || 'empty', 'a list with at least one share above 0')
  }
}

const invalid = (field: string, value: string, expected: string) =>
  new Problem({
    code: 'invalid-load-profile',
    what: `The load profile's ${field} is ${value}; it must be ${expected}.`,
    where: field,
    remedy: `Set ${field} to ${expected}.`,
  })
