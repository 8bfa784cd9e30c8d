/** HTML from templates: every value is escaped unless it is HTML already. */
import { isSafeLink, oneLine } from '../../../core/learn/escape.ts'
import { type Inline, plain, type Rich } from '../../../core/learn/rich.ts'

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

/** `e42`, and the whole source when pointed at. */
function source(label: string, title: string): Html {
  const event = /^[eug](?:[a-z-]+-)?\d+$/.test(label)
  const file = event ? 'ledger.json' : label.startsWith('s-') ? 'series.json' : 'result.json'
  const shown = event ? label : label.startsWith('s-') ? 'series' : 'result'
  return html`<a class="source" href="${file}" title="${title}">${shown}</a>`
}

/** A number and its unit stay on one line. */
const together = (value: string): string =>
  oneLine(value).replace(/(\d) (%|ms|s|min|h|replicas?)(?![A-Za-z])/g, '$1\u00a0$2')

function inline(part: Inline): Html {
  switch (part.kind) {
    case 'text':
      return html`${together(part.text)}`
    case 'code':
      return html`<code>${oneLine(part.text)}</code>`
    case 'strong':
      return html`<strong>${together(part.text)}</strong>`
    case 'link':
      return isSafeLink(part.href)
        ? html`<a href="${part.href}">${oneLine(part.text)}</a>`
        : html`<code>${oneLine(part.href)}</code>`
    case 'reference':
      return source(part.footnote.label, plain(part.footnote.text))
  }
}

/** Rich text with its sources. */
export const richHtml = (rich: Rich): Html => html`${rich.map(inline)}`
