/** HTML from templates: every value is escaped unless it is HTML already. */

/** HTML that was made by `html` or by a drawing of our own. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | Html | readonly Html[]

/** Text for HTML, in elements and in quoted attributes. */
export const escapeHtml = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

function written(part: Part | undefined): string {
  if (part === undefined) return ''
  if (typeof part === 'string') return escapeHtml(part)
  return part instanceof Html ? part.text : part.map((one) => one.text).join('')
}

/** `html\`<p>${value}</p>\``: strings are escaped, HTML is kept. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((piece, place) => piece + written(parts[place])).join(''))

/** Markup that this program made itself, such as a chart. Never for values from outside. */
export const trusted = (markup: string): Html => new Html(markup)
