/**
 * Which values a query is planned with. What an application really asks for is not known: values are taken to be asked
 * for as often as they stand in the table, and the ends and the middle of a range equally often.
 */
import { arrayText } from './array-text.ts'
import type { ColumnValues } from './statistics.ts'
import type { Target, Use } from './targets.ts'
import { fitted, type ParameterType, typeValue } from './type-values.ts'

/** What its values are. */
export type VariantName = 'common 1' | 'common 2' | 'common 3' | 'rare' | 'median' | 'low end' | 'high end'

/** One set of values. */
export interface Variant {
  readonly variant: VariantName
  /** One a parameter, `$1` first. */
  readonly values: readonly (string | null)[]
  readonly weight: number
}

/** A parameter, with all that is known of it. */
export interface Parameter {
  readonly type: ParameterType
  readonly target: Target | null
  readonly values: ColumnValues | null
  /** True when the column is bounded on the other side too: a window, not half of the table. */
  readonly window: boolean
}

/** Values that `= ANY ($1)` is asked for with. */
const ANY_LENGTH = 5
/** Share of the histogram that a window takes. */
const WINDOW = 0.05
const PREFIX_CHARACTERS = 3

const LIMITS: Readonly<Record<VariantName, string>> = {
  'common 1': '50',
  'common 2': '50',
  'common 3': '50',
  rare: '20',
  median: '50',
  'low end': '10',
  'high end': '100',
}
const OFFSETS: Readonly<Record<VariantName, string>> = { ...LIMITS, 'common 1': '0', rare: '0', 'low end': '0' }

const COMPARING: ReadonlySet<Use> = new Set(['equal', 'like', 'ilike', 'regex'])
const isRange = ({ target }: Parameter): boolean => target?.use === 'above' || target?.use === 'below'
const isSkewed = ({ target, values }: Parameter): boolean =>
  target !== null && COMPARING.has(target.use) && (values?.common.length ?? 0) > 0

/** The value at a share of the way through the histogram, 0 to 1; `shift` values further, round and round for long lists. */
function at(values: ColumnValues, share: number, shift = 0): string | null {
  const { histogram, common, low, high } = values
  if (histogram.length === 0) return common[0] ?? (share < 0.5 ? low : high) ?? low
  const last = histogram.length - 1
  const index = (Math.round(share * last) + shift) % histogram.length
  return histogram[index < 0 ? index + histogram.length : index] ?? null
}

/** Of `=`: which value, and the ones beside it for lists. */
function equalValue(variant: VariantName, values: ColumnValues, place: number): string | null {
  const { common, histogram } = values
  const wanted = variant.startsWith('common') ? Number(variant.slice(-1)) - 1 : null
  const mostly = (values.frequencies[0] ?? 0) >= 0.5
  if (wanted !== null || (variant !== 'rare' && mostly)) {
    const value = common[(wanted ?? 0) + place]
    if (value !== undefined) return value
    return histogram.length > 0 ? at(values, 0.5, place) : (common[wanted ?? 0] ?? null)
  }
  if (histogram.length === 0) {
    // A list of rare values does not reach up to the common ones.
    const rare = Math.max(common.length - 1 - place, Math.ceil(common.length / 2))
    return common[Math.min(rare, common.length - 1)] ?? values.low
  }
  const share = variant === 'low end' ? 0 : variant === 'high end' ? 1 : 0.5
  // The very ends are where the planner looks at the table itself; one bucket inside is what a histogram knows.
  return at(values, share, variant === 'low end' ? 1 + place : variant === 'high end' ? -1 - place : place)
}

const WINDOW_AT: Readonly<Record<VariantName, readonly [number, number]>> = {
  'common 1': [0.25, 0.75],
  'common 2': [0.5, 0.5 + WINDOW],
  'common 3': [0.5, 0.5 + WINDOW],
  rare: [0.5, 0.5 + WINDOW],
  median: [0.5, 0.5 + WINDOW],
  'low end': [0, WINDOW],
  'high end': [1 - WINDOW, 1],
}

function rangeValue(variant: VariantName, parameter: Parameter, values: ColumnValues): string | null {
  if (parameter.window) return at(values, WINDOW_AT[variant][parameter.target?.use === 'above' ? 0 : 1])
  if (variant === 'low end') return at(values, 0, 1)
  return variant === 'high end' ? at(values, 1, -1) : at(values, 0.5)
}

function patternOf(use: Use, value: string): string {
  const prefix = value.slice(0, PREFIX_CHARACTERS)
  if (use === 'regex') return `^${prefix.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`
  const escaped = prefix.replace(/[\\%_]/g, '\\$&')
  return use === 'ilike' ? `%${escaped}%` : `${escaped}%`
}

function arrayValue(variant: VariantName, values: ColumnValues, element: ParameterType): string | null {
  const found: string[] = []
  for (let place = 0; place < ANY_LENGTH; place += 1) {
    const value = equalValue(variant, values, place)
    const fit = value === null ? null : fitted(value, element)
    if (fit !== null && !found.includes(fit)) found.push(fit)
  }
  return found.length === 0 ? null : arrayText(found)
}

function known(variant: VariantName, parameter: Parameter): string | null {
  const { target, values, type } = parameter
  if (target === null) return null
  const { use, place } = target
  if (use === 'limit') return LIMITS[variant]
  if (use === 'offset') return OFFSETS[variant]
  if (use === 'unit') return 'day'
  if (use === 'zone') return 'UTC'
  if (values === null) return null
  if (use === 'other') {
    const element = values.elements[0]
    return element === undefined || type.element === null ? null : arrayText([element])
  }
  if (use === 'equal' && type.element !== null) return arrayValue(variant, values, type.element)
  const value = isRange(parameter) ? rangeValue(variant, parameter, values) : equalValue(variant, values, place)
  if (value === null) return null
  return use === 'like' || use === 'ilike' || use === 'regex' ? patternOf(use, value) : fitted(value, type)
}

type Weighted = readonly (readonly [VariantName, number])[]

/** Variants by how common the most skewed column's values are. */
function byFrequency({ common, frequencies, histogram }: ColumnValues): Weighted {
  const rest = Math.max(0, 1 - frequencies.reduce((sum, one) => sum + one, 0))
  const last = histogram.length === 0 ? common.length - 1 : common.length
  const names = (['common 1', 'common 2', 'common 3'] as const).slice(0, Math.min(3, Math.max(1, last)))
  const shown = names.map((name, index) => [name, Math.max(frequencies[index] ?? 0, 1e-6)] as const)
  const others = frequencies.slice(names.length).reduce((sum, one) => sum + one, 0)
  if (names.length >= common.length && histogram.length === 0) return shown
  return [...shown, ['rare', Math.max(others + rest, 1e-6)] as const]
}

function variantsFor(parameters: readonly Parameter[]): Weighted {
  const skewed = parameters.filter(isSkewed).flatMap(({ values }) => values ?? [])
  const most = skewed.toSorted((a, b) => (b.frequencies[0] ?? 0) - (a.frequencies[0] ?? 0))[0]
  const ranged = parameters.some((one) => isRange(one) && one.values !== null)
  const windowed = parameters.some(({ window }) => window)
  if (most === undefined && ranged) {
    const ends: Weighted = [
      ['low end', 1],
      ['median', 1],
      ['high end', 1],
    ]
    return windowed ? [['common 1', 1], ...ends] : ends
  }
  if (most === undefined) return [['median', 1]]
  if (!ranged) return byFrequency(most)
  const first = most.frequencies[0] ?? 0
  return [
    ['common 1', Math.max(first / 2, 1e-6)],
    ['rare', Math.max((1 - first) / 2, 1e-6)],
    ['low end', 0.25],
    ['high end', 0.25],
  ]
}

/**
 * At most four sets of values, each with the share of the calls that it stands for; the weights add up to 1. Sets that
 * come out the same are told once.
 * @param today ISO date that stands for now where nothing else is known
 */
export function chooseVariants(parameters: readonly Parameter[], today: string): readonly Variant[] {
  const found = new Map<string, Variant>()
  for (const [variant, weight] of variantsFor(parameters)) {
    const values = parameters.map((one) => known(variant, one) ?? typeValue(one.type, today))
    const key = JSON.stringify(values)
    const same = found.get(key)
    found.set(key, { variant: same?.variant ?? variant, values, weight: weight + (same?.weight ?? 0) })
  }
  const variants = [...found.values()]
  const total = variants.reduce((sum, { weight }) => sum + weight, 0)
  return variants.map((one) => ({ ...one, weight: one.weight / total }))
}
