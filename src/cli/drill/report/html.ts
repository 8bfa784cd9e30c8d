/** Rich text of the core as HTML, with links to where each figure comes from. */
import { isSafeLink, oneLine } from '../../../core/escape.ts'
import { type Html, html } from '../../../core/html.ts'
import { type Inline, plain, type Rich } from '../../../core/learn/rich.ts'

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
