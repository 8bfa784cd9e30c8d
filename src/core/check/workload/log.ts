/**
 * Queries from PostgreSQL's own log: what `log_min_duration_statement`, `log_statement` with `log_duration`, or auto_explain
 * wrote, as plain text, CSV or JSON.
 */
import type { WorkloadQuery } from '../snapshot.ts'
import { type CountedStatement, mergeStatements } from './counted.ts'

/** Statements that are taken from a log; the rest is not read. */
const MAX_LOGGED = 1_000_000

/** One entry of a log, whatever its format. */
interface Entry {
  readonly message: string
  readonly role: string | null
  /** Milliseconds since 1970; null when it cannot be told. */
  readonly at: number | null
}

/** Columns of the CSV format. Source: PostgreSQL documentation, 19.8.4. */
const CSV = { at: 0, role: 1, message: 13 }

const STAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)/
const LEVEL =
  /\b(LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION):\s{1,2}/
const ROLE_AT_DATABASE = /(?:user=([\w-]+))|(?:\s([\w-]+)@[\w-]+\s)/

/** Zones are left out: only how far apart entries are counts. */
function timeOf(text: string): number | null {
  const found = STAMP.exec(text)
  if (found === null) return null
  const at = Date.parse(`${found[1]}T${found[2]}Z`)
  return Number.isNaN(at) ? null : at
}

/** Entries of the plain format: a line that begins one has a level; the others go on with it. */
function* plainEntries(text: string): Generator<Entry> {
  let current: { message: string; role: string | null; at: number | null } | null = null
  for (const line of text.split('\n')) {
    const level = LEVEL.exec(line)
    const begins = level !== null && (STAMP.test(line) || level.index < 120) && !/^\s/.test(line)
    if (!begins) {
      if (current !== null) current.message += `\n${line.replace(/^\t/, '')}`
      continue
    }
    if (current !== null) yield current
    const prefix = line.slice(0, level.index)
    const role = ROLE_AT_DATABASE.exec(prefix)
    const message = line.slice(level.index + level[0].length)
    // A STATEMENT or DETAIL belongs to an error before it: its text ran, but not to its end.
    current = level[1] === 'LOG' ? { message, role: role?.[1] ?? role?.[2] ?? null, at: timeOf(line) } : null
  }
  if (current !== null) yield current
}

/** Records of a CSV text, whose quoted fields may hold line breaks. */
function* csvRecords(text: string): Generator<readonly string[]> {
  let fields: string[] = []
  let field = ''
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (char === '"') {
      for (at += 1; at < text.length; at += 1) {
        if (text[at] !== '"') field += text[at]
        else if (text[at + 1] === '"') {
          field += '"'
          at += 1
        } else break
      }
    } else if (char === ',') {
      fields.push(field)
      field = ''
    } else if (char === '\n') {
      fields.push(field)
      yield fields
      fields = []
      field = ''
    } else field += char
  }
}

function* csvEntries(text: string): Generator<Entry> {
  for (const record of csvRecords(text.endsWith('\n') ? text : `${text}\n`)) {
    const message = record[CSV.message]
    if (message === undefined) continue
    yield { message, role: record[CSV.role] || null, at: timeOf(record[CSV.at] ?? '') }
  }
}

function* jsonEntries(text: string): Generator<Entry> {
  for (const line of text.split('\n')) {
    if (!line.startsWith('{')) continue
    const entry = jsonLine(line)
    const textAt = (key: string) => (typeof entry?.[key] === 'string' ? entry[key] : null)
    const message = textAt('message')
    if (message !== null) yield { message, role: textAt('user'), at: timeOf(textAt('timestamp') ?? '') }
  }
}

/** Null for a line that is cut off, as a log's last one may be. */
function jsonLine(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    // Cut off: what it began to say is not known.
    return null
  }
}

const DURATION = /^duration: ([\d.]+) ms\s+(?:statement|execute [^:]*|plan):\s*/
const STATEMENT = /^(?:statement|execute [^:]*):\s*/
/** auto_explain: the text stands before the plan, in each of its formats. */
const PLAN_TEXT = /^(?:Query Text: ([\s\S]*?)\n(?=[^\n]*\(cost=)|\{\s*"Query Text": ("(?:[^"\\]|\\.)*"))/

function statementOf({ message, role }: Entry): CountedStatement | null {
  const duration = DURATION.exec(message)
  const plain = duration === null ? STATEMENT.exec(message) : null
  const head = duration ?? plain
  if (head === null) return null
  const body = message.slice(head[0].length)
  const planned = PLAN_TEXT.exec(body)
  const text = planned === null ? body : (planned[1] ?? unquoted(planned[2] ?? '""'))
  const totalMs = duration === null ? null : Number(duration[1])
  return { text, role, calls: 1, totalMs, rows: null, minutes: null }
}

const unquoted = (json: string): string => {
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : ''
}

function entriesOf(text: string): Generator<Entry> {
  const first = text.trimStart()
  if (first.startsWith('{')) return jsonEntries(text)
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^,\n]*,("|,|[\w-])/.test(first) && /^([^,\n]*,){8}/.test(first)
    ? csvEntries(text)
    : plainEntries(text)
}

/**
 * The queries of a log with `$n` for their literals, how often they ran and how long they took on average. Calls per
 * minute are counted over the time between the log's first and last entry, at least one minute. Where only slow
 * statements were logged (`log_min_duration_statement` above 0), only those are counted.
 */
export function queriesFromLog(text: string): readonly WorkloadQuery[] {
  const statements: CountedStatement[] = []
  let [first, last]: [number | null, number | null] = [null, null]
  for (const entry of entriesOf(text)) {
    first ??= entry.at
    last = entry.at ?? last
    const statement = statements.length < MAX_LOGGED ? statementOf(entry) : null
    if (statement !== null) statements.push(statement)
  }
  const minutes = first === null || last === null ? null : Math.max((last - first) / 60_000, 1)
  return mergeStatements(
    statements.map((one) => ({ ...one, minutes })),
    'log',
  ).queries
}
