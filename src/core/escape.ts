/**
 * Makes values harmless in Markdown (GFM). Values come from logs, labels, SQL and people: whatever they contain, they
 * stay text. E1 no value starts markup, a table cell, a heading or a list. E2 no value becomes HTML, a link or a mention.
 */

/** Longest value that is written out; the rest is cut with a mark. Documents have readers, logs have none. */
export const MAX_VALUE_LENGTH = 4000

/** Control and format characters: among them zero-width ones and those that turn the direction of reading. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu

const cut = (value: string): string =>
  value.length <= MAX_VALUE_LENGTH ? value : `${value.slice(0, MAX_VALUE_LENGTH)}…`

/** Without invisible characters; runs of white space, line breaks among them, become one space. */
export const oneLine = (value: string): string =>
  cut(
    value
      .replace(/[\r\n\t\v\f]/g, ' ')
      .replace(INVISIBLE, '')
      .replace(/\s+/g, ' '),
  )

const block = (value: string): string => cut(value.replace(/\r\n?/g, '\n').replace(/\t/g, '  ').replace(INVISIBLE, ''))

/** What renderers turn into links or mentions by themselves; in a code span they leave it alone. */
const LIVELY = /(?:\S*(?:@|:\/\/|www\.)\S*)/gi

const UNDERSCORE_AT_EDGE = /(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g

/** What has a meaning anywhere in a line; what has one only at its start is `atLineStart`'s. */
const punctuation = (value: string): string =>
  value.replace(/[\\`*[\]<|~&$]/g, (character) => `\\${character}`).replace(UNDERSCORE_AT_EDGE, '\\_')

/** Plain words. Tokens that would turn into a link, an address or a mention become code. */
export function escapeText(value: string, place: 'cell' | 'text' = 'text'): string {
  const line = oneLine(value)
  let out = ''
  let from = 0
  for (const match of line.matchAll(LIVELY)) {
    out += punctuation(line.slice(from, match.index)) + codeSpan(match[0], place)
    from = match.index + match[0].length
  }
  return out + punctuation(line.slice(from))
}

/** Keeps a line of text from starting a heading, a list, a quotation, an underline or a table. */
export const atLineStart = (escaped: string): string =>
  escaped
    .replace(/^(\s*)(#|>|[-+](?=\s|$)|-{2,}|=+\s*$|:?-)/, (_match, space: string, mark: string) => `${space}\\${mark}`)
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, (_match, number: string, mark: string) => `${number}\\${mark}`)

const entities = (value: string): string =>
  value.replace(/[^A-Za-z0-9 ]/g, (character) => `&#${character.codePointAt(0) ?? 0};`)

/** A code span whose content cannot end it. In a table cell with a pipe or backslash: HTML, since spans break there. */
export function codeSpan(value: string, place: 'cell' | 'text' = 'text'): string {
  const content = oneLine(value).trim()
  if (content === '') return '``\u00a0``'
  if (place === 'cell' && /[|\\]/.test(content)) return `<code>${entities(content)}</code>`
  const longest = Math.max(0, ...(content.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = content.startsWith('`') || content.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${content}${pad}${fence}`
}

/** A fenced block whose content cannot end it. */
export function codeBlock(language: string, value: string): string {
  const content = block(value).replace(/\n+$/, '')
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language.replace(/[^a-z0-9]/gi, '')}\n${content}\n${fence}`
}

/** True for `https:`, `http:` and plain relative file names; everything else is shown, not linked. */
export const isSafeLink = (href: string): boolean =>
  /^https?:\/\/[^\s<>"'`\\]+$/i.test(href) || /^[A-Za-z0-9][\w./-]*$/.test(href)

/** A link when the address is harmless, else the address as code. */
export function linkOf(label: string, href: string, place: 'cell' | 'text'): string {
  if (!isSafeLink(href)) return codeSpan(href, place)
  const words = label === href ? punctuation(oneLine(label)) : escapeText(label, place)
  return `[${words}](<${href.replace(/\|/g, '%7C')}>)`
}
