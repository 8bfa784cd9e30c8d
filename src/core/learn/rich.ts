/** Text with structure: values from outside stay values, so that a renderer can escape each where it stands. */

/** Where a figure comes from. Shown once, at the end of the document. */
export interface Footnote {
  /** Unique for its source. Valid as a GFM footnote label: letters, digits, `-` and `_`. */
  readonly label: string
  /** Long labels are written as this and a number, in the order of their first use: `s1`, `s2`. */
  readonly numbered?: 's'
  readonly text: Rich
}

/** A piece of text with one meaning. */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'reference'; readonly footnote: Footnote }

/** Text of one line. */
export type Rich = readonly Inline[]

/** What no machine can know, asked of the people who write the document, with what is known beside it. */
export interface Question {
  readonly kind: 'question'
  readonly text: string
  readonly known: readonly Rich[]
}

/** Said, or asked. */
export type Statement = Rich | Question

/** Plain words; whatever they contain, they are shown as they are. */
export const text = (value: string): Inline => ({ kind: 'text', text: value })
/** A name, a value or a command. */
export const code = (value: string): Inline => ({ kind: 'code', text: value })
/** Words that carry the sentence. */
export const strong = (value: string): Inline => ({ kind: 'strong', text: value })
/** A link; addresses that are not harmless are shown as code instead. */
export const link = (value: string, href: string): Inline => ({ kind: 'link', text: value, href })
/** The source of what stands before it. */
export const reference = (footnote: Footnote): Inline => ({ kind: 'reference', footnote })
/** A question with what is known beside it. */
export const question = (value: string, known: readonly Rich[] = []): Question => ({
  kind: 'question',
  text: value,
  known,
})

/** True for a question. */
export const isQuestion = (statement: Statement): statement is Question => 'kind' in statement

/**
 * Builds rich text from a template. Numbers are not accepted: format them, and name their source with a reference.
 */
export function say(strings: TemplateStringsArray, ...parts: readonly (string | Inline | Rich)[]): Rich {
  const out: Inline[] = []
  strings.forEach((piece, place) => {
    if (piece !== '') out.push(text(piece))
    const part = parts[place]
    if (part === undefined || part === '') return
    if (typeof part === 'string') out.push(text(part))
    else if ('kind' in part) out.push(part)
    else out.push(...part)
  })
  return out
}

/** Joins with a separator, and with another one before the last. */
export function joined(parts: readonly Rich[], separator = ', ', last = separator): Rich {
  return parts.flatMap((part, place) => {
    if (place === 0) return part
    return [text(place === parts.length - 1 ? last : separator), ...part]
  })
}

/** The words alone: for charts, terminals and tests. */
export const plain = (rich: Rich): string =>
  rich.map((inline) => (inline.kind === 'reference' ? '' : inline.text)).join('')
