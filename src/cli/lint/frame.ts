/** A line of a file with a caret under a column. */
import pc from 'picocolors'

const MAX_WIDTH = 110

/** Cuts a long line round the column; the caret stays under its character. */
function window(line: string, column: number): { readonly text: string; readonly caret: number } {
  const at = column - 1
  if (line.length <= MAX_WIDTH) return { text: line, caret: at }
  const from = Math.max(0, Math.min(at - 30, line.length - MAX_WIDTH))
  const text = `${from > 0 ? '…' : ''}${line.slice(from, from + MAX_WIDTH)}${from + MAX_WIDTH < line.length ? '…' : ''}`
  return { text, caret: at - from + (from > 0 ? 1 : 0) }
}

/** Characters that would move the cursor or change the terminal are shown as dots. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g

/**
 * The line and a caret below it.
 * @param lineNumber from 1
 * @param column from 1, in UTF-16 units
 */
export function frameOf(text: string, lineNumber: number, column: number): readonly string[] {
  const line = (text.split('\n', lineNumber)[lineNumber - 1] ?? '').replaceAll('\t', ' ').replace(/\r$/, '')
  const { text: shown, caret } = window(line.replace(CONTROL, '·'), column)
  const number = String(lineNumber)
  return [
    `${pc.dim(`${number} |`)} ${shown}`,
    `${pc.dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(Math.max(0, caret))}${pc.red('^')}`,
  ]
}
