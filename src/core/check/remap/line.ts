/** Moves points on a line of whole numbers: their order stays, their places do not. */

/** How finely distances are kept, and what stays where it is. */
export interface LineOptions {
  /** Leading binary digits of each distance that are kept: 4 keeps distances to within 6 %, 5 to within 3 %. */
  readonly bits: number
  /** Points that everybody knows, such as 0 and constants in the code. */
  readonly anchors: readonly bigint[]
  /** Results stay within, as long as the points were. */
  readonly lowest: bigint | null
  readonly highest: bigint | null
  /** Rounds a result for a shorter text, by the distances to its neighbour and to the anchor. Default: not at all. */
  readonly unit?: (gap: bigint, distance: bigint) => bigint
}

const ONE = 1n

function coarse(gap: bigint, bits: number): bigint {
  const excess = gap.toString(2).length - bits
  if (excess <= 0) return gap
  const shift = BigInt(excess)
  return ((gap + (ONE << (shift - ONE))) >> shift) << shift
}

/**
 * Points upwards from `from`, each as far from the one before as it was, coarsely. When they would run over `to`, all are
 * drawn together so that they fit between.
 */
function upwards(
  points: readonly bigint[],
  { from, to }: { readonly from: bigint; readonly to: bigint | null },
  options: LineOptions,
): readonly bigint[] {
  const out: bigint[] = []
  let [before, last] = [from, from]
  for (const point of points) {
    const gap = coarse(point - before, options.bits)
    const unit = options.unit?.(gap, point - from) ?? ONE
    const rounded = ((last + gap) / unit) * unit
    last = rounded > last ? rounded : last + (gap > unit ? gap : unit)
    before = point
    out.push(last)
  }
  if (to === null || last < to) return out
  const count = BigInt(points.length)
  const [room, span] = [to - from - ONE, last - from]
  let place = from
  return out.map((value, index) => {
    const scaled = from + ((value - from) * room) / span
    const latest = to - (count - BigInt(index))
    place = scaled > place ? scaled : place + ONE
    if (place > latest) place = latest
    return place
  })
}

const negated = (values: readonly bigint[]): bigint[] => values.map((value) => -value).reverse()
const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * A new place for each point: the order is kept, equal points stay equal, anchors stay. Between anchors only the lengths
 * of distances are kept, coarsely, so the places cannot be worked out again.
 * @param points in any order
 */
export function movePoints(points: readonly bigint[], options: LineOptions): ReadonlyMap<bigint, bigint> {
  const sorted = [...new Set(points)].sort(ascending)
  const anchors = [...new Set(options.anchors)].sort(ascending)
  const [first, final] = [anchors[0] ?? 0n, anchors.at(-1) ?? 0n]
  const moved = new Map<bigint, bigint>(anchors.map((anchor) => [anchor, anchor]))
  const put = (from: readonly bigint[], to: readonly bigint[]) => {
    from.forEach((point, at) => {
      moved.set(point, to[at] ?? point)
    })
  }
  const below = sorted.filter((point) => point < first)
  const floor = options.lowest === null ? null : -options.lowest + ONE
  put(below, negated(upwards(negated(below), { from: -first, to: floor }, options)))
  anchors.forEach((anchor, at) => {
    const next = anchors[at + 1]
    if (next === undefined) return
    const between = sorted.filter((point) => point > anchor && point < next)
    put(between, upwards(between, { from: anchor, to: next }, options))
  })
  const above = sorted.filter((point) => point > final)
  put(above, upwards(above, { from: final, to: options.highest === null ? null : options.highest + ONE }, options))
  return moved
}
