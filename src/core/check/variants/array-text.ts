/** Elements of a one-dimensional array in PostgreSQL's text form, such as `{a,"b c",NULL}`. NULLs are left out. */
export function arrayElements(text: string): readonly string[] {
  const elements: string[] = []
  let at = text.indexOf('{') + 1
  if (at === 0) return []
  while (at < text.length && text[at] !== '}') {
    const quoted = text[at] === '"'
    const { value, end } = quoted ? quotedAt(text, at + 1) : plainAt(text, at)
    if (quoted || value.toUpperCase() !== 'NULL') elements.push(value)
    at = text[end] === ',' ? end + 1 : end
  }
  return elements
}

interface Found {
  readonly value: string
  readonly end: number
}

function quotedAt(text: string, from: number): Found {
  let value = ''
  let at = from
  for (; at < text.length && text[at] !== '"'; at += 1) {
    if (text[at] === '\\') at += 1
    value += text[at] ?? ''
  }
  return { value, end: at + 1 }
}

function plainAt(text: string, from: number): Found {
  const rest = /[^,}]*/y
  rest.lastIndex = from
  const value = rest.exec(text)?.[0] ?? ''
  return { value: value.replace(/\\(.)/gs, '$1'), end: from + value.length }
}

/** The same the other way round. */
export const arrayText = (elements: readonly (string | null)[]): string =>
  `{${elements.map((one) => (one === null ? 'NULL' : `"${one.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`
