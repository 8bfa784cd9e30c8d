/** Reads the Prometheus text exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */

/** One line of it. */
export interface MetricSample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** May be NaN or infinite. */
  readonly value: number
  /** Milliseconds since the epoch; null when the line has none, as usual. */
  readonly timestamp: number | null
}

/** What a page of metrics says. */
export interface Exposition {
  readonly samples: readonly MetricSample[]
  /** Lines that are no valid sample: left out, so that one bad line does not cost a whole scrape. */
  readonly skippedLines: number
}

/** Samples of one text; further ones count as skipped lines. */
export const MAX_SAMPLES = 50_000

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y
const BLANKS = /[ \t]*/y
/** Up to the closing quote; a backslash takes the next character along. */
const QUOTED = /"((?:[^"\\\n]|\\[^\n])*)"/y
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const WHOLE = /^-?\d{1,16}$/

/** Reads a line at a place and moves on; every reader gives null when its part is not there. */
class Line {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return null
    this.at = pattern.lastIndex
    return found[1] ?? found[0]
  }

  takeChar(char: string): boolean {
    if (this.text[this.at] !== char) return false
    this.at += 1
    return true
  }

  rest(): string {
    return this.text.slice(this.at)
  }
}

/** `\\`, `\"` and `\n` as the format has them; any other escape stays as it is written, as Prometheus does. */
function unescapeValue(text: string): string {
  return text.replace(/\\(.)/gs, (whole, char: string) => {
    if (char === 'n') return '\n'
    return char === '\\' || char === '"' ? char : whole
  })
}

function readLabels(line: Line): Map<string, string> | null {
  const labels = new Map<string, string>()
  if (!line.takeChar('{')) return labels
  for (;;) {
    line.take(BLANKS)
    if (line.takeChar('}')) return labels
    const name = line.take(LABEL_NAME)
    if (name === null || labels.has(name)) return null
    line.take(BLANKS)
    if (!line.takeChar('=')) return null
    line.take(BLANKS)
    const value = line.take(QUOTED)
    if (value === null) return null
    labels.set(name, unescapeValue(value))
    line.take(BLANKS)
    if (!line.takeChar(',')) {
      return line.takeChar('}') ? labels : null
    }
  }
}

function readNumber(text: string): number | null {
  if (FLOAT.test(text)) return Number(text)
  if (/^\+?Inf$/i.test(text)) return Number.POSITIVE_INFINITY
  if (/^-Inf$/i.test(text)) return Number.NEGATIVE_INFINITY
  return /^NaN$/i.test(text) ? Number.NaN : null
}

function readSample(text: string): MetricSample | null {
  const line = new Line(text)
  line.take(BLANKS)
  const name = line.take(NAME)
  if (name === null) return null
  line.take(BLANKS)
  const labels = readLabels(line)
  if (labels === null) return null
  const fields = line
    .rest()
    .trim()
    .split(/[ \t]+/)
  const [value, timestamp, ...more] = fields
  if (value === undefined || more.length > 0) return null
  if (timestamp !== undefined && !WHOLE.test(timestamp)) return null
  const number = readNumber(value)
  if (number === null) return null
  return { name, labels, value: number, timestamp: timestamp === undefined ? null : Number(timestamp) }
}

/** Comments (`# HELP`, `# TYPE`, any other) and empty lines are passed over. Never throws. */
export function parseExposition(text: string): Exposition {
  const samples: MetricSample[] = []
  let skippedLines = 0
  for (const line of text.split('\n')) {
    const content = line.trim()
    if (content === '' || content.startsWith('#')) continue
    const sample = samples.length < MAX_SAMPLES ? readSample(content) : null
    if (sample === null) skippedLines += 1
    else samples.push(sample)
  }
  return { samples, skippedLines }
}
