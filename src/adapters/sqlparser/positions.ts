/** libpg-query counts bytes of UTF-8 in its trees and characters in its errors; JavaScript counts UTF-16 units. */

/** Fields of the tree that hold an offset. `location` of a few nodes is a word, so the type is looked at too. */
const OFFSET_FIELDS = new Set([
  'location',
  'name_location',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end',
])
const NOT_ASCII = /[^\0-\x7f]/

/** True when bytes and UTF-16 units are the same. */
export const isAscii = (text: string): boolean => !NOT_ASCII.test(text)

/** Bytes of UTF-8 of a code point. */
const bytesOf = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4)

/** For each byte offset of the text's UTF-8 form, the offset in UTF-16 units. */
function offsetsOfBytes(text: string): Uint32Array {
  const offsets: number[] = []
  let unit = 0
  for (const character of text) {
    const bytes = bytesOf(character.codePointAt(0) ?? 0)
    for (let byte = 0; byte < bytes; byte += 1) offsets.push(unit)
    unit += character.length
  }
  offsets.push(unit)
  return Uint32Array.from(offsets)
}

/**
 * Turns every offset in a freshly parsed tree from bytes into UTF-16 units, in place; −1 (not known) stays.
 * @param text what was parsed
 */
export function toUtf16(tree: unknown, text: string): void {
  if (isAscii(text)) return
  const offsets = offsetsOfBytes(text)
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const record = node as Record<string, unknown>
    for (const [key, value] of Object.entries(record)) {
      if (typeof value === 'number' && OFFSET_FIELDS.has(key)) record[key] = offsets[value] ?? value
      else visit(value)
    }
  }
  visit(tree)
}

/** The offset in UTF-16 units of the character with this number, from 0; the text's length when it is beyond its end. */
export function ofCharacter(text: string, characters: number): number {
  if (isAscii(text)) return Math.max(0, Math.min(text.length, characters))
  let [seen, unit] = [0, 0]
  for (const character of text) {
    if (seen >= characters) break
    seen += 1
    unit += character.length
  }
  return unit
}
