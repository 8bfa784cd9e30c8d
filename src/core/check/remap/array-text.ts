/** PostgreSQL's text form of an array, one dimension: `{a,"b c",NULL}`. Source: documentation, 8.15.6. */

/** Elements; null for NULL. Elements that are arrays themselves come as their own text when they were in quotes. */
export function parseArray(text: string): readonly (string | null)[] {
  const found: (string | null)[] = []
  // `[0:2]={…}`: bounds that differ from the usual ones.
  let at = text.indexOf('{') + 1
  while (at < text.length && text[at] !== '}') {
    let value = ''
    const quoted = text[at] === '"'
    if (quoted) at += 1
    for (; at < text.length; at += 1) {
      const char = text[at] ?? ''
      if (char === '\\') {
        at += 1
        value += text[at] ?? ''
      } else if (quoted ? char === '"' : char === ',' || char === '}') break
      else value += char
    }
    if (quoted) at += 1
    found.push(!quoted && value.toUpperCase() === 'NULL' ? null : value)
    if (text[at] === ',') at += 1
  }
  return found
}

const NEEDS_QUOTES = /^$|^null$|[{}",\\\s]/i

/** The reverse of `parseArray`. */
export function printArray(values: readonly (string | null)[]): string {
  const printed = values.map((value) => {
    if (value === null) return 'NULL'
    return NEEDS_QUOTES.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value
  })
  return `{${printed.join(',')}}`
}
