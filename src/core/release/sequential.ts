/**
 * Anytime-valid tests on counts: they may be looked at after every second without paying for it in false alarms.
 *
 * Each keeps the wealth of several bets against a hypothesis. While the hypothesis is true the expected factor of every
 * bet at every look is at most 1, so each wealth, and every mixture of them, is a non-negative supermartingale that
 * starts at 1 (an e-process). By Ville's inequality the chance that it ever reaches 1/α is at most α. The mixture makes it
 * quick for gross and for moderate harm alike; the first bet of each list bets nothing. After each look a share ε of the
 * whole wealth is spread evenly over the bets again (fixed share): that keeps the sum, and so the guarantee, and a
 * regression late in a long good watch is found about as quickly as an early one.
 *
 * Errors, against "the error rate is at most p₀": with θ > p₀, each failed request multiplies by θ/p₀ and each good one by
 * (1−θ)/(1−p₀).
 *
 * Slowness, against "a slow request is as likely here as beside": of the slow requests of one look, each is the canary's
 * with chance q, the canary's share of that look's requests. With odds ratio ρ > 1, each slow request of the canary
 * multiplies by ρ/(1−q+qρ), each of the other release by 1/(1−q+qρ). What slows both releases, however much, is no
 * evidence against one of them.
 *
 * Sources: Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences" (2021);
 * Lindon, Malek, "Anytime-valid inference for multinomial count data" (arXiv 2011.03567); Lindon, Sanden, Shirikian,
 * "Rapid regression detection in software deployments through sequential testing" (arXiv 2205.14762); fixed share:
 * Herbster, Warmuth, "Tracking the best expert" (1998).
 */

/** How far above p₀ each bet lies: θ = p₀ + lift × (1 − p₀). */
const LIFTS = [0, 0.03, 0.08, 0.15, 0.3, 0.5, 0.75, 0.95] as const
/** ρ of each bet. */
const ODDS = [1, 3, 10, 30, 100] as const
/** ε of the fixed share, per look. */
const SHARE = 0.001

/** Natural logarithms of the wealth of each bet; the wealths add up to the evidence. */
export type Wealth = readonly number[]

const evenly = (bets: readonly number[]): Wealth => bets.map(() => -Math.log(bets.length))
export const ERROR_BETS: Wealth = evenly(LIFTS)
export const SLOW_BETS: Wealth = evenly(ODDS)

function logSum(values: readonly number[]): number {
  const top = Math.max(...values)
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0))
}

function grow(wealth: Wealth, logFactors: readonly number[]): Wealth {
  const grown = logFactors.map((factor, index) => (wealth[index] ?? 0) + factor)
  const spread = logSum(grown) + Math.log(SHARE / grown.length)
  return grown.map((value) => logSum([value + Math.log(1 - SHARE), spread]))
}

/** True when the evidence is such that a good release gives it with a chance of at most `alpha`, over all time. */
export const isSure = (wealth: Wealth, alpha: number): boolean => logSum(wealth) >= -Math.log(alpha)

/**
 * Takes one look's counts in. Their order within the look does not matter.
 * @param look.limit p₀, > 0 and < 1
 */
export function betOnErrors(
  wealth: Wealth,
  look: { readonly errors: number; readonly requests: number; readonly limit: number },
): Wealth {
  const { errors, requests, limit } = look
  if (requests === 0) return wealth
  const factors = LIFTS.map((lift) => {
    const theta = limit + lift * (1 - limit)
    return errors * Math.log(theta / limit) + (requests - errors) * Math.log((1 - theta) / (1 - limit))
  })
  return grow(wealth, factors)
}

/** Requests of one release in one look, and how many of them were slow. */
export interface Counts {
  readonly slow: number
  readonly requests: number
}

/** Takes one look of both releases in; without a request on either side it says nothing. */
export function betOnSlow(wealth: Wealth, look: { readonly canary: Counts; readonly beside: Counts }): Wealth {
  const { canary, beside } = look
  const slow = canary.slow + beside.slow
  if (slow === 0 || canary.requests === 0 || beside.requests === 0) return wealth
  const share = canary.requests / (canary.requests + beside.requests)
  return grow(
    wealth,
    ODDS.map((odds) => canary.slow * Math.log(odds) - slow * Math.log(1 - share + share * odds)),
  )
}
