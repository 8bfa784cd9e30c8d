/** How a process says that it listens: one JSON line on standard output, among its other log lines. */

/** Longer lines are not looked at. */
const MAX_LINE_CHARS = 64 * 1024

/** Base addresses, without a slash at their end. */
export interface Listening {
  readonly url: string
  /** Of a process that keeps its health, metrics and controls on an address of their own. */
  readonly adminUrl: string | null
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    // Any other text that a program prints.
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const addressIn = (value: unknown): string | null =>
  typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value) ? value.replace(/\/+$/, '') : null

/** What `{"event":"listening","url":"http://127.0.0.1:41234"}` says, or null for any other line. */
export function readListening(line: string): Listening | null {
  if (!line.includes('"listening"')) return null
  const value = parsed(line)
  if (typeof value !== 'object' || value === null || !('event' in value) || value.event !== 'listening') return null
  const url = addressIn('url' in value ? value.url : null)
  return url === null ? null : { url, adminUrl: addressIn('adminUrl' in value ? value.adminUrl : null) }
}

/** Cuts a stream of text into lines; `onLine` is called with each, without its end. */
export function createLineReader(onLine: (line: string) => void): (chunk: string) => void {
  let unfinished = ''
  return (chunk) => {
    const lines = (unfinished + chunk).split('\n')
    unfinished = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    if (unfinished.length > MAX_LINE_CHARS) unfinished = ''
  }
}
