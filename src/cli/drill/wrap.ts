/** Rows that one line of the live view may take on a terminal: the documents hold all of it. */
const MAX_ROWS = 3

/** Where a text goes: columns of the terminal, the first row's columns that are taken, and the indent of the others. */
export interface Space {
  readonly columns: number
  readonly indent: number
}

/** Breaks a text between words into at most three rows; a longer one ends in `…`. The first row comes without its indent. */
export function wrap(text: string, { columns, indent }: Space): string {
  const width = Math.max(20, columns - 1 - indent)
  const rows: string[] = []
  let rest = text
  while (rest.length > width && rows.length < MAX_ROWS - 1) {
    const space = rest.lastIndexOf(' ', width)
    // A word that fills half a row and more is broken where the row ends: paths do.
    const at = space > width / 2 ? space : width
    rows.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  rows.push(cut(rest, width))
  return rows.join(`\n${' '.repeat(indent)}`)
}

/** The beginning of a text; `…` stands for what is left out. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`
