/** Numbers: moved along their line, so that ranges keep their rough lengths. */
import { movePoints } from './line.ts'

/** Digits on either side of the point beyond which a number is not moved but dropped. */
const MAX_DIGITS = 60
const KEPT_BITS = 4

interface Decimal {
  readonly digits: bigint
  /** Digits behind the point. */
  readonly scale: number
}

/** Null for NaN, infinity, and what is no number. */
function parseDecimal(text: string): Decimal | null {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text.trim())
  if (found === null || !/\d/.test(text)) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found
  const shift = fraction.length - Number(exponent)
  if (Math.abs(shift) > MAX_DIGITS || whole.length > MAX_DIGITS) return null
  const digits = BigInt(`${whole}${fraction}` || '0') * (shift < 0 ? 10n ** BigInt(-shift) : 1n)
  return { digits: sign === '-' ? -digits : digits, scale: Math.max(0, shift) }
}

const at = ({ digits, scale }: Decimal, wanted: number): bigint => digits * 10n ** BigInt(wanted - scale)

function printDecimal(digits: bigint, scale: number): string {
  if (scale === 0) return digits.toString()
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const fraction = text.slice(-scale).replace(/0+$/, '')
  return `${digits < 0n ? '-' : ''}${text.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`
}

const SPECIAL = /^(nan|[+-]?infinity)$/i

/** Values that no number can be beyond, by type; `limit` is the whole part's number of digits of a `numeric(p, s)`. */
function boundsOf(type: string, limit: number | null): { lowest: bigint; highest: bigint } | null {
  const bits = { int2: 15n, int4: 31n, int8: 63n }[type]
  if (bits !== undefined) return { lowest: -(2n ** bits), highest: 2n ** bits - 1n }
  if (limit === null) return null
  return { lowest: -(10n ** BigInt(limit)) + 1n, highest: 10n ** BigInt(limit) - 1n }
}

/**
 * New numbers for old. Zero and the numbers in `literals` stay; distances between neighbours are kept to within 6 %, so
 * small whole numbers without gaps stay as they are.
 * @returns null when a value is no number
 */
export function remapNumbers(
  values: readonly string[],
  options: { readonly type: string; readonly limit: number | null; readonly literals: readonly string[] },
): ReadonlyMap<string, string> | null {
  const parsed = values.filter((value) => !SPECIAL.test(value)).map((value) => [value, parseDecimal(value)] as const)
  const numbers = parsed.flatMap(([text, number]) => (number === null ? [] : [{ text, number }]))
  if (numbers.length < parsed.length) return null
  const scale = numbers.reduce((most, { number }) => Math.max(most, number.scale), 0)
  const known = options.literals.flatMap((text) => parseDecimal(text) ?? []).filter((one) => one.scale <= scale)
  const bounds = boundsOf(options.type, options.limit)
  const factor = 10n ** BigInt(scale)
  const moved = movePoints(
    numbers.map(({ number }) => at(number, scale)),
    {
      bits: KEPT_BITS,
      anchors: [0n, ...known.map((one) => at(one, scale))],
      lowest: bounds === null ? null : bounds.lowest * factor,
      highest: bounds === null ? null : bounds.highest * factor,
    },
  )
  const result = new Map(values.filter((value) => SPECIAL.test(value)).map((value) => [value, value]))
  for (const { text, number } of numbers) {
    const point = at(number, scale)
    result.set(text, printDecimal(moved.get(point) ?? point, scale))
  }
  return result
}
