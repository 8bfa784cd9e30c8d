/** A seeded source of randomness: the same seed gives the same numbers. */
export interface Prng {
  /** Uniform in [0, 1). */
  next(): number
  /** Whole number, uniform in [0, below). */
  below(below: number): number
  /** A version 4 UUID made from this source. */
  uuid(): string
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded from one number by splitmix32. */
export function prng(seed: number): Prng {
  let mix = seed >>> 0
  const split = () => {
    mix = (mix + 0x9e3779b9) | 0
    let z = mix ^ (mix >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  let a = split()
  let b = split()
  let c = split()
  let counter = 1
  const word = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  const next = () => word() / 4294967296
  const hex = (digits: number) =>
    Math.floor(next() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0')
  return {
    next,
    below: (below) => Math.floor(next() * below),
    uuid: () =>
      `${hex(8)}-${hex(4)}-4${hex(3)}-${(8 + Math.floor(next() * 4)).toString(16)}${hex(3)}-${hex(8)}${hex(4)}`,
  }
}
