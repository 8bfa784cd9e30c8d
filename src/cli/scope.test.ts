import { describe, expect, it } from 'vitest'
import { createScope, Interrupted, orAbort } from './scope.ts'

describe('a scope', () => {
  it('ends what it owns in the reverse order, once each', async () => {
    const scope = createScope()
    const ended: string[] = []
    for (const what of ['server', 'service', 'traffic']) scope.own(what, async () => void ended.push(what))
    const early = scope.own('view', async () => void ended.push('view'))
    await early()
    expect(await scope.close()).toEqual([])
    await scope.close()
    expect(ended).toEqual(['view', 'traffic', 'service', 'server'])
  })

  it('goes on ending the others when one cannot be ended, and tells which', async () => {
    const scope = createScope()
    const ended: string[] = []
    scope.own('server', async () => void ended.push('server'))
    scope.own('service', async () => {
      throw new Error('it hangs')
    })
    expect(await scope.close()).toEqual(['service: it hangs'])
    expect(ended).toEqual(['server'])
  })

  it('rejects waiting work with the reason of the abort, whatever the work comes to later', async () => {
    const scope = createScope()
    const reason = new Interrupted('SIGINT')
    const waiting = orAbort(scope, new Promise(() => undefined))
    scope.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    // Aborted before it began: the failing work must not end the process as an unhandled rejection.
    await expect(orAbort(scope, Promise.reject(new Error('too late')))).rejects.toBe(reason)
    await new Promise((resolve) => setImmediate(resolve))
  })

  it('keeps the first reason', () => {
    const scope = createScope()
    scope.abort(new Interrupted('SIGTERM'))
    scope.abort(new Error('second'))
    expect(scope.signal.reason).toMatchObject({ signalName: 'SIGTERM' })
  })
})
