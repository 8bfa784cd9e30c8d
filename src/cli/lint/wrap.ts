const DEFAULT_WIDTH = 100
const MAX_WIDTH = 120

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
const COLOUR = /\u001b\[\d+m/g

/** Breaks a text at spaces so that lines fit; `first` stands before the first line, `rest` before the others. */
export function wrapped(text: string, first: string, rest = first): readonly string[] {
  const width = Math.min(MAX_WIDTH, process.stdout.columns ?? DEFAULT_WIDTH)
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(/\s+/)) {
    const length = line.replace(COLOUR, '').length + word.length + 1
    if (!empty && length > width) {
      lines.push(line)
      line = rest
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}
