import { type DurationMs, ms } from '../../base/time.ts'
import { type Exposition, parseExposition } from './exposition.ts'

/** How long a scrape may take. */
export interface ScrapeOptions {
  readonly signal: AbortSignal
  /** From the first byte sent to the last byte read. */
  readonly deadline: DurationMs
}

export const DEFAULT_SCRAPE_DEADLINE = ms(2000)
/** A page larger than this is refused: it is no service's own metrics. */
export const MAX_SCRAPE_BYTES = 8 * 1024 * 1024

/** What went wrong on the way, such as `connect ECONNREFUSED 127.0.0.1:9100`: fetch itself only says "fetch failed". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer in time'
  const { cause } = error
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_SCRAPE_BYTES) throw new Error(`the page is larger than ${MAX_SCRAPE_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Reads one page of metrics. @throws Error with a plain reason when there is no page in time, or no good one. */
export async function scrape(url: string, { signal, deadline }: ScrapeOptions): Promise<Exposition> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(deadline)])
  try {
    const response = await fetch(url, { signal: limited, redirect: 'error', headers: { accept: 'text/plain' } })
    const text = await readBounded(response)
    if (response.status !== 200) throw new Error(`it answered ${response.status}`)
    return parseExposition(text)
  } catch (error) {
    throw new Error(`${url}: ${reasonOf(error)}`, { cause: error })
  }
}
