import { describe, expect, it } from 'vitest'
import { startLoad } from '../../src/adapters/load/generator.ts'
import { decodeHistogram, mergeHistograms } from '../../src/adapters/load/histogram.ts'
import type { Operation, OperationAnswer } from '../../src/adapters/load/operation.ts'
import { prng } from '../../src/base/prng.ts'
import { ms } from '../../src/base/time.ts'
import type { LoadProfile, RequestOutcome } from '../../src/core/rehearse/load.ts'
import { handClock, WALL_START } from './hand-clock.ts'

const profile: LoadProfile = {
  rate: 100,
  arrivals: 'even',
  operations: [{ operation: 'get', weight: 1 }],
  maxInFlight: 1000,
  timeout: ms(500),
}
const answered: OperationAnswer = { status: 200, result: 'ok', servedBy: 'shop@1.0.0', error: null }
const never: Operation = () => new Promise(() => undefined)

function run(get: Operation, over: Partial<LoadProfile> = {}) {
  const clock = handClock()
  const outcomes: RequestOutcome[] = []
  const load = startLoad({
    profile: { ...profile, ...over },
    prng: prng(1),
    operations: { get },
    clock,
    onOutcome: (outcome) => outcomes.push(outcome),
  })
  return { clock, outcomes, load }
}

describe('the open-loop generator', () => {
  it('G1: sends on schedule while no answer comes, and counts latency from the intended time', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const { clock, outcomes, load } = run(async () => {
      await gate
      return answered
    })
    await clock.advance(200)
    expect(load.snapshot().inFlight).toBe(21)
    expect(outcomes).toEqual([])
    open()
    await clock.advance(1)
    expect(outcomes.slice(0, 3).map(({ latency }) => latency)).toEqual([200, 190, 180])
    expect(outcomes[1]).toEqual({
      operation: 'get',
      intendedAt: WALL_START + 10,
      sentAt: WALL_START + 10,
      finishedAt: WALL_START + 200,
      latency: 190,
      status: 200,
      result: 'ok',
      servedBy: 'shop@1.0.0',
      error: null,
    })
    await load.stop()
  })

  it('G1: a generator that was held up sends everything that was due at once, shows its lag and calls itself saturated', async () => {
    let hold: () => void = () => {}
    const clock = handClock()
    const stalling = { ...clock, sleep: (wait: ReturnType<typeof ms>, signal?: AbortSignal) => held(wait, signal) }
    const held = async (wait: ReturnType<typeof ms>, signal?: AbortSignal) => {
      await clock.sleep(wait, signal)
      if (clock.monotonic() >= 100 && clock.monotonic() < 400 && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          hold = resolve
        })
      }
    }
    const outcomes: RequestOutcome[] = []
    const load = startLoad({
      profile,
      prng: prng(1),
      operations: { get: async () => answered },
      clock: stalling,
      onOutcome: (outcome) => outcomes.push(outcome),
    })
    await clock.advance(400)
    expect(outcomes).toHaveLength(10)
    hold()
    await clock.advance(0)
    expect(outcomes).toHaveLength(41)
    expect(outcomes.at(-1)?.latency).toBe(0)
    expect(outcomes[10]).toMatchObject({ intendedAt: WALL_START + 100, sentAt: WALL_START + 400, latency: 300 })
    expect(load.snapshot().saturated).toBe(true)
    expect(load.snapshot().sendLagMs.max).toBeCloseTo(300, -1)
    hold()
    const summary = await load.stop()
    expect(summary.saturated).toBe(true)
  })

  it('is not saturated when it keeps its schedule', async () => {
    const { clock, load } = run(async () => answered)
    await clock.advance(1000)
    expect(load.snapshot().saturated).toBe(false)
    await load.stop()
  })

  it('G2: drops an arrival beyond the limit of requests under way and counts it as failed', async () => {
    const { clock, outcomes, load } = run(never, { maxInFlight: 3 })
    await clock.advance(49)
    expect(outcomes.map(({ result, sentAt, error }) => [result, sentAt, error])).toEqual([
      ['dropped', null, 'over 3 under way'],
      ['dropped', null, 'over 3 under way'],
    ])
    expect(load.snapshot()).toMatchObject({ dropped: 2, requests: 2, inFlight: 3 })
    expect(load.snapshot().recent).toMatchObject({ requests: 2, errorRatePercent: 100 })
    const summary = load.stop()
    await clock.advance(500)
    expect(await summary).toMatchObject({ dropped: 2, failed: 3, requests: 5 })
  })

  it('G3: fails a request at its deadline, aborts its signal and ignores a later answer', async () => {
    const signals: AbortSignal[] = []
    let late: (answer: OperationAnswer) => void = () => {}
    const { clock, outcomes, load } = run(
      (context) => {
        signals.push(context.signal)
        return new Promise((resolve) => {
          late = resolve
        })
      },
      { rate: 1 },
    )
    await clock.advance(499)
    expect(signals[0]?.aborted).toBe(false)
    await clock.advance(1)
    expect(signals[0]?.aborted).toBe(true)
    expect(outcomes).toMatchObject([{ result: 'failed', status: null, error: 'timeout', latency: 500 }])
    late(answered)
    await clock.advance(1)
    expect(outcomes).toHaveLength(1)
    await load.stop()
  })

  it('G3: a signal that is asked for only after the deadline is already aborted', async () => {
    const asked: AbortSignal[] = []
    const { clock, load } = run(
      async (context) => {
        await clock.sleep(ms(600))
        asked.push(context.signal)
        return answered
      },
      { rate: 1 },
    )
    await clock.advance(700)
    expect(asked.map((signal) => signal.aborted)).toEqual([true])
    await load.stop()
  })

  it('counts an operation that throws as failed, with its message', async () => {
    const { clock, outcomes, load } = run(async () => {
      throw new Error('no such order')
    })
    await clock.advance(1)
    expect(outcomes[0]).toMatchObject({ result: 'failed', error: 'client error: no such order' })
    await load.stop()
  })

  it('names the operation that was really done', async () => {
    const { clock, outcomes, load } = run(async () => ({ ...answered, operation: 'other' }))
    await clock.advance(1)
    expect(outcomes[0]?.operation).toBe('other')
    expect(Object.keys((await load.stop()).operations)).toEqual(['other'])
  })

  it('stops sending at once and waits for those under way, at most until their deadline', async () => {
    const { clock, outcomes, load } = run(never)
    await clock.advance(95)
    let stopped = false
    const summary = load.stop().then((result) => {
      stopped = true
      return result
    })
    await clock.advance(400)
    expect(stopped).toBe(false)
    await clock.advance(100)
    expect(stopped).toBe(true)
    expect(outcomes).toHaveLength(10)
    expect(await summary).toMatchObject({
      requests: 10,
      failed: 10,
      startedAt: WALL_START,
      finishedAt: WALL_START + 590,
    })
    expect(await load.stop()).toBe(await summary)
  })

  it('stops at once when nothing is under way', async () => {
    const { clock, load } = run(async () => answered)
    await clock.advance(45)
    expect(await load.stop()).toMatchObject({ requests: 5, ok: 5 })
  })

  it('shows only the last seconds as recent', async () => {
    const { clock, load } = run(async () => {
      if (clock.monotonic() < 2000) return { ...answered, status: 503, result: 'failed', error: 'http 503' }
      return answered
    })
    await clock.advance(1999)
    expect(load.snapshot().recent).toMatchObject({ requests: 200, errorRatePercent: 100 })
    await clock.advance(7000)
    expect(load.snapshot().recent).toMatchObject({ errorRatePercent: 0 })
    expect(load.snapshot()).toMatchObject({ failed: 200, ok: 700 })
    await load.stop()
  })

  it('refuses a profile with an operation that it was not given', () => {
    const start = () => run(never, { operations: [{ operation: 'refund', weight: 1 }] })
    expect(start).toThrow(expect.objectContaining({ code: 'invalid-load-profile' }))
    expect(start).toThrow('"refund"')
  })
})

describe("the histograms of several generators' loads", () => {
  it('add up to the histogram of all their requests', async () => {
    const encoded: string[] = []
    for (const answerAfter of [20, 80]) {
      const { clock, load } = run(async () => {
        await clock.sleep(ms(answerAfter))
        return answered
      })
      await clock.advance(991)
      const stopping = load.stop()
      await clock.advance(100)
      encoded.push((await stopping).histogram)
    }
    const merged = mergeHistograms(encoded)
    expect(merged.count()).toBe(200)
    expect(merged.at(50)).toBeCloseTo(20, 0)
    expect(merged.at(51)).toBeCloseTo(80, 0)
    expect(merged.encode()).toBe(mergeHistograms([...encoded].reverse()).encode())
  })

  it('refuses a text that is no histogram', () => {
    expect(() => decodeHistogram('HISTFAAA')).toThrow(expect.objectContaining({ code: 'invalid-histogram' }))
    expect(() => decodeHistogram('')).toThrow(expect.objectContaining({ code: 'invalid-histogram' }))
  })
})
