/** The pieces of a Markdown document: text with references, questions, tables, lists. */
import { atLineStart, codeBlock, codeSpan, escapeText, linkOf } from './escape.ts'
import type { Detail, Point, Table } from './model.ts'
import { type Footnote, type Inline, isQuestion, type Question, type Rich, type Statement } from './rich.ts'

/** Collects the sources that a document names, in the order of their first use; each source gets a label of its own. */
export class Footnotes {
  private readonly bySource = new Map<string, { readonly shown: string; readonly footnote: Footnote }>()
  private readonly taken = new Map<string, number>()

  use(footnote: Footnote): string {
    const source = JSON.stringify([footnote.label, footnote.text])
    const known = this.bySource.get(source)
    if (known !== undefined) return `[^${known.shown}]`
    const shown = this.labelFor(footnote)
    this.bySource.set(source, { shown, footnote })
    return `[^${shown}]`
  }

  all(): readonly { readonly shown: string; readonly footnote: Footnote }[] {
    return [...this.bySource.values()]
  }

  /** `s1`, `s2`, … for numbered ones; else its own, with a number when another source came first. */
  private labelFor({ label, numbered }: Footnote): string {
    const base = numbered ?? label
    const uses = (this.taken.get(base) ?? 0) + 1
    this.taken.set(base, uses)
    if (numbered !== undefined) return `${base}${uses}`
    return uses === 1 ? base : `${base}-${uses}`
  }
}

type Place = 'cell' | 'text'

function inline(part: Inline, notes: Footnotes, place: Place): string {
  switch (part.kind) {
    case 'text':
      return escapeText(part.text, place)
    case 'code':
      return codeSpan(part.text, place)
    case 'strong':
      return `**${escapeText(part.text, place).trim()}**`
    case 'link':
      return linkOf(part.text, part.href, place)
    case 'reference':
      return notes.use(part.footnote)
  }
}

/** Rich text on one line; the same source twice in a row is named once. */
export function rich(parts: Rich, notes: Footnotes, place: Place = 'text'): string {
  const kept = parts.filter((part, at) => {
    const before = parts[at - 1]
    return !(part.kind === 'reference' && before?.kind === 'reference' && before.footnote.label === part.footnote.label)
  })
  const line = kept
    .map((part, at) => {
      // Two numbers side by side would read as one.
      const apart = part.kind === 'reference' && kept[at - 1]?.kind === 'reference' ? ' ' : ''
      return apart + inline(part, notes, place)
    })
    .join('')
  return kept[0]?.kind === 'text' ? atLineStart(line.trimStart()) : line
}

/** A marked question with what is known beside it. */
export function questionBlock(question: Question, notes: Footnotes): string {
  const known = question.known.map((line) => `>\n> - Known: ${rich(line, notes)}`).join('\n')
  return `> **Question for the authors:** ${escapeText(question.text)}${known === '' ? '' : `\n${known}`}`
}

const indent = (text: string, by: string): string => text.replace(/\n/g, `\n${by}`)

/** A list item; a question inside a list stays marked. */
export function item(statement: Statement, notes: Footnotes, mark = '- '): string {
  const by = ' '.repeat(mark.length)
  const body = isQuestion(statement) ? questionBlock(statement, notes) : rich(statement, notes)
  return `${mark}${indent(body, by)}`
}

/** A statement as a paragraph, a question as a marked block. */
export const paragraph = (statement: Statement, notes: Footnotes): string =>
  isQuestion(statement) ? questionBlock(statement, notes) : rich(statement, notes)

/** Points, numbered, each with its particulars as bullets. */
export function points(list: readonly Point[], notes: Footnotes): string {
  return list
    .map(({ title, lines }, place) => {
      const mark = `${place + 1}. `
      const by = ' '.repeat(mark.length)
      const inner = lines.map((line) => `${by}${indent(item(line, notes), by)}`).join('\n')
      return `${mark}**${escapeText(title)}**\n${inner}`
    })
    .join('\n\n')
}

/** A particular below an entry of the timeline. */
export const detail = (part: Detail, notes: Footnotes): string =>
  part.kind === 'code' ? codeBlock(part.language, part.text) : `- ${rich(part.text, notes)}`

const pad = (value: string, width: number, align: 'left' | 'right'): string =>
  align === 'right' ? value.padStart(width) : value.padEnd(width)

/** A table whose source is as readable as its rendering: columns are padded, up to a width that stays readable. */
export function table(of: Table, notes: Footnotes): string {
  const head = of.columns.map((column) => escapeText(column.title, 'cell'))
  const rows = of.rows.map((row) => row.map((cell) => rich(cell, notes, 'cell')))
  const widths = of.columns.map((_column, at) =>
    Math.min(80, Math.max(3, ...[head, ...rows].map((row) => row[at]?.length ?? 0))),
  )
  const line = (cells: readonly string[]) =>
    `| ${of.columns.map((column, at) => pad(cells[at] ?? '', widths[at] ?? 3, column.align)).join(' | ')} |`
  const rule = of.columns.map((column, at) => {
    const dashes = '-'.repeat((widths[at] ?? 3) - 1)
    return column.align === 'right' ? `${dashes}:` : `${dashes}-`
  })
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}

/** Footnote definitions. A definition never names another source. */
export const definitions = (notes: Footnotes): string =>
  notes
    .all()
    .map(({ shown, footnote }) => `[^${shown}]: ${rich(footnote.text, new Footnotes())}`)
    .join('\n')
