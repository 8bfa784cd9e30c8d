import { Problem } from '../../base/problem.ts'
import { type DurationMs, ms } from '../../base/time.ts'

/** What a person may choose, as the command line gives it. */
export interface RawOptions {
  readonly rows?: string
  readonly pace?: string
  readonly seed?: string
  readonly quick?: boolean
  readonly json?: boolean
}

export interface DrillOptions {
  readonly scenario: string
  readonly rows: number
  readonly pace: DurationMs
  readonly seed: number
  readonly quick: boolean
  readonly json: boolean
}

export const DEFAULT_SCENARIO = 'payment-pool-exhaustion'
/** Below this the missing index hardly hurts, as on the staging system of 2024. */
export const MIN_ROWS = 200_000
export const MAX_ROWS = 50_000_000
const DEFAULT_ROWS = 2_000_000
const QUICK_ROWS = 1_000_000
const DEFAULT_PACE_MS = 1000
/** The fastest that there is: a quick drill must end within two minutes, the making of its data included. */
const QUICK_PACE_MS = 250
const MIN_PACE_MS = 250
const MAX_PACE_MS = 60_000
const DEFAULT_SEED = 20240315

/**
 * Checks and completes the options of `premortem drill`.
 * @throws Problem `bad-option` naming the option, what it got and what it takes; `unknown-scenario` with the known ones
 */
export function parseOptions(scenario: string | undefined, raw: RawOptions, known: readonly string[]): DrillOptions {
  const chosen = scenario ?? DEFAULT_SCENARIO
  if (!known.includes(chosen)) {
    throw new Problem({
      code: 'unknown-scenario',
      what: `There is no scenario '${chosen}'.`,
      remedy: `Choose one of: ${known.join(', ')}.`,
    })
  }
  const quick = raw.quick ?? false
  return {
    scenario: chosen,
    rows: wholeNumber('--rows', raw.rows, {
      fallback: quick ? QUICK_ROWS : DEFAULT_ROWS,
      min: MIN_ROWS,
      max: MAX_ROWS,
    }),
    pace: parsePace(raw.pace, quick ? QUICK_PACE_MS : DEFAULT_PACE_MS),
    seed: wholeNumber('--seed', raw.seed, { fallback: DEFAULT_SEED, min: 0, max: 2 ** 32 - 1 }),
    quick,
    json: raw.json ?? false,
  }
}

function wholeNumber(
  option: string,
  text: string | undefined,
  range: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  if (text === undefined) return range.fallback
  const plain = text.replaceAll(/[_,](?=\d{3})/g, '')
  const value = Number(plain)
  if (!/^\d+$/.test(plain) || value < range.min || value > range.max) {
    throw badOption(
      option,
      text,
      `a whole number from ${range.min.toLocaleString('en')} to ${range.max.toLocaleString('en')}`,
    )
  }
  return value
}

function parsePace(text: string | undefined, fallback: number): DurationMs {
  if (text === undefined) return ms(fallback)
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text)
  const value = match ? Number(match[1]) * (match[2] === 'ms' ? 1 : 1000) : Number.NaN
  if (!(value >= MIN_PACE_MS && value <= MAX_PACE_MS)) {
    throw badOption(
      '--pace',
      text,
      `how long one minute of the incident lasts, ${MIN_PACE_MS}ms to ${MAX_PACE_MS / 1000}s, such as 1s or 500ms`,
    )
  }
  return ms(value)
}

const badOption = (option: string, got: string, takes: string) =>
  new Problem({ code: 'bad-option', what: `${option} got '${got}'.`, remedy: `Give ${option} ${takes}.` })
