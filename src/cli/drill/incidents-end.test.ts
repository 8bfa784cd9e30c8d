import { describe, expect, it } from 'vitest'
import { incidentLedger } from '../../../test/core/incident-ledger.ts'
import { seconds } from '../../base/time.ts'
import { manualClock } from '../../engine/manual-clock.ts'
import { incidentsEnd } from './incidents-end.ts'

/** An act whose incident is open, and somebody who waits for its end. */
function waiting() {
  const book = incidentLedger()
  const clock = manualClock(book.now())
  const stop = new AbortController()
  const wait = () => incidentsEnd({ events: book.events, clock, signal: stop.signal, atMost: seconds(20) })
  return { book, clock, stop, wait }
}

describe('the end of an act', () => {
  it('does not wait when no incident was opened', async () => {
    expect(await waiting().wait()).toBeNull()
  })

  it('waits for the incident that is open, through its mitigation, to its resolution', async () => {
    const { book, clock, wait } = waiting()
    book.fired('error-rate', 'critical')
    let ended = false
    const end = wait().then((open) => {
      ended = true
      return open
    })
    await clock.advance(seconds(3))
    book.rolledBack()
    await clock.advance(seconds(3))
    expect(ended).toBe(false)
    book.quiet('error-rate', 'critical')
    await clock.advance(seconds(1))
    expect(await end).toBeNull()
  })

  it('waits for one that opens after the rollback, and for no alert that opens none', async () => {
    const { book, clock, wait } = waiting()
    book.rolledBack()
    book.fired('slow-queries', 'warning')
    expect(await wait()).toBeNull()
    book.fired('pool-utilisation-critical', 'critical')
    const end = wait()
    book.quiet('pool-utilisation-critical', 'critical')
    book.quiet('slow-queries', 'warning')
    await clock.advance(seconds(1))
    expect(await end).toBeNull()
  })

  it('names the incident that is still open when the time is over', async () => {
    const { book, clock, wait } = waiting()
    book.fired('error-rate', 'critical')
    const end = wait()
    await clock.advance(seconds(21))
    expect(await end).toContain('payment-service')
  })

  it('waits no longer once the drill is stopped', async () => {
    const { book, clock, stop, wait } = waiting()
    book.fired('error-rate', 'critical')
    const end = wait()
    stop.abort()
    await clock.advance(seconds(1))
    expect(await end).not.toBeNull()
  })
})
