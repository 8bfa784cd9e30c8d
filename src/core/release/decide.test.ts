import { describe, expect, it } from 'vitest'
import { BAD, GOOD } from '../../../test/core/observe.ts'
import { FIX, factTypes, releaseBench, weightOf } from '../../../test/core/release-bench.ts'
import { minutes, seconds } from '../../base/time.ts'
import { DEFAULT_POLICY, scalePolicy } from './policy.ts'

describe('a release that passes', () => {
  it('goes 10, 50, 100 with replicas in step, bakes, and ends the previous one (R14)', () => {
    const bench = releaseBench()
    bench.ask()
    for (let step = 0; step < 3; step++) {
      bench.toHolding()
      expect(bench.state()).toMatchObject({ phase: 'holding', step })
      bench.passStep()
    }
    expect(bench.commands.filter((one) => one.type === 'weights.set').map((one) => weightOf(one))).toEqual([
      10, 50, 100,
    ])
    expect(bench.commands.flatMap((one) => (one.type === 'replicas.start' ? [one.data.replicas] : []))).toEqual([
      1, 2, 4,
    ])
    expect(factTypes(bench.facts)).toEqual(['release.promoted'])
    expect(bench.last('replicas.stop').data.release).toBe(GOOD)
  })

  it('starts no replica twice when two steps need the same number', () => {
    const bench = releaseBench()
    bench.ask({ steps: [10, 20, 100], replicas: 3 })
    bench.toHolding()
    bench.passStep()
    expect(bench.state()).toMatchObject({ phase: 'shifting', step: 1 })
  })

  it('is watched longer at 100 %, and on the paced clock as many seconds as minutes', () => {
    const bench = releaseBench(scalePolicy(DEFAULT_POLICY, seconds(1)))
    bench.ask({ steps: [100] })
    bench.toHolding()
    const timers = bench.commands.flatMap((one) => (one.type === 'timer.set' ? [one.data.at - bench.now()] : []))
    expect(timers).toEqual([30_000, 90_000])
  })
})

describe('a judged step', () => {
  const held = (verdict: 'no-data' | 'everything-bad' | null) => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.pass(minutes(11))
    if (verdict !== null) bench.judge(verdict)
    const state = bench.state()
    if (state.phase === 'holding') bench.give('timer.elapsed', { timer: state.hold.name })
    return bench
  }

  it.each([null, 'no-data', 'everything-bad'] as const)(
    'holds on %s, and goes on with a later pass (R4)',
    (verdict) => {
      const bench = held(verdict)
      expect(bench.state()).toMatchObject({ phase: 'holding', step: 0, holdOver: true })
      bench.judge('pass')
      expect(bench.state()).toMatchObject({ phase: 'starting', step: 1 })
    },
  )

  it('does not end early on a pass (R4)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.judge('pass')
    expect(bench.state()).toMatchObject({ phase: 'holding', step: 0 })
  })

  it('goes by its latest verdict: a pass that was taken back is none (R4)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.judge('pass')
    bench.judge('no-data')
    const state = bench.state()
    if (state.phase === 'holding') bench.give('timer.elapsed', { timer: state.hold.name })
    expect(bench.state()).toMatchObject({ phase: 'holding', step: 0 })
  })

  it('held beyond the limit is rolled back as not proven good, never as bad (R4)', () => {
    const bench = held('no-data')
    const state = bench.state()
    bench.pass(minutes(60))
    if (state.phase === 'holding' && state.limit) bench.give('timer.elapsed', { timer: state.limit.name })
    const decided = bench.facts.find((one) => one.type === 'release.rollback-decided')
    expect(decided?.data).toMatchObject({ release: BAD, to: GOOD })
    expect(JSON.stringify(decided?.data)).toContain('no data to judge it by')
    expect(JSON.stringify(decided?.data)).not.toContain('bad')
  })

  it('ignores a verdict older than its weights (R5)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.pass(seconds(10))
    bench.toHolding()
    const early = bench.event(5, 'release.judged', { release: BAD, verdict: 'pass', rule: 'hold', why: [] })
    bench.feed(early)
    expect(bench.state()).toMatchObject({ verdict: null })
  })

  it('sets a timer again that could not be set, a limited number of times', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    for (let turn = 0; turn < 5; turn++) {
      const state = bench.state()
      if (state.phase !== 'holding') break
      const timer = bench.commands.findLast((one) => one.type === 'timer.set' && one.key === state.hold.key)
      if (timer !== undefined) bench.fail(timer)
    }
    expect(bench.state().phase).toBe('rolling-back')
  })
})

describe('a release found bad', () => {
  it('loses its traffic first, then its replicas, and the reason is kept with its numbers (R3)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    const before = bench.commands.length
    bench.judge('bad')
    expect(bench.facts).toMatchObject([
      { type: 'release.rollback-decided', data: { release: BAD, to: GOOD, why: ['bad by test'] } },
    ])
    expect(weightOf(bench.last('weights.set'))).toBe(0)
    bench.succeedLast('weights.set')
    bench.succeedLast('replicas.stop')
    expect(bench.commands.slice(before).map((one) => one.type)).toEqual(['weights.set', 'replicas.stop'])
    expect(bench.last('replicas.stop').data.release).toBe(BAD)
    expect(bench.facts.at(-1)).toMatchObject({ type: 'release.rolled-back', data: { release: BAD, to: GOOD } })
    expect(bench.state().phase).toBe('rolled-back')
  })

  it('is returned to the recorded release, not to the one tried before it (R2)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.judge('bad')
    bench.succeedLast('weights.set')
    bench.succeedLast('replicas.stop')
    bench.ask({ release: FIX, previous: GOOD })
    bench.toHolding()
    bench.judge('bad', FIX)
    expect(weightOf(bench.last('weights.set'), GOOD)).toBe(100)
  })

  it('keeps its replicas until a late shift has ended, and is returned once more after it (R6)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.succeedLast('migrations.apply')
    bench.succeedLast('replicas.start')
    const late = bench.last('weights.set')
    bench.give('release.abort-requested', { release: BAD, reason: 'a hunch' })
    bench.succeedLast('weights.set')
    expect(bench.types()).not.toContain('replicas.stop')
    bench.succeed(late)
    expect(weightOf(bench.last('weights.set'))).toBe(0)
    bench.succeedLast('weights.set')
    bench.succeedLast('replicas.stop')
    expect(bench.state().phase).toBe('rolled-back')
  })

  it('stays "rolling back" while the router refuses, and ends as failed when it never gives in (R7)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.judge('bad')
    for (let turn = 1; turn < 5; turn++) {
      bench.fail(bench.last('weights.set'), 'router down')
      expect(bench.state()).toMatchObject({ phase: 'rolling-back', stage: 'returning' })
    }
    bench.fail(bench.last('weights.set'), 'router down')
    expect(bench.state()).toMatchObject({ phase: 'failed', stranded: true })
    expect(bench.facts.at(-1)).toMatchObject({ type: 'release.failed' })
    const keys = bench.commands.map((one) => one.key)
    expect(new Set(keys).size).toBe(keys.length)
    bench.give('release.abort-requested', { release: BAD, reason: 'router is back' })
    expect(bench.state().phase).toBe('rolling-back')
    expect(new Set(bench.commands.map((one) => one.key)).size).toBe(bench.commands.length)
  })

  it('is left to people when automatic rollback is off (R13)', () => {
    const bench = releaseBench()
    bench.ask({ automaticRollback: false })
    bench.toHolding()
    bench.judge('bad')
    expect(bench.state().phase).toBe('holding')
    expect(bench.why.at(-1)).toContain('rollback is up to people')
  })
})

describe('what fails on the way forward', () => {
  it('migrations: nothing is shifted (R12)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.fail(bench.last('migrations.apply'), 'lock timeout')
    expect(bench.state()).toMatchObject({ phase: 'failed', stranded: false })
    expect(bench.types()).toEqual(['migrations.apply'])
    expect(bench.facts).toMatchObject([{ type: 'release.failed' }])
  })

  it.each(['replicas.start', 'weights.set'] as const)('%s: is rolled back (R12)', (type) => {
    const bench = releaseBench()
    bench.ask()
    bench.succeedLast('migrations.apply')
    if (type === 'weights.set') bench.succeedLast('replicas.start')
    bench.fail(bench.last(type), 'never healthy')
    expect(bench.state()).toMatchObject({ phase: 'rolling-back', stage: 'returning', stray: null })
    expect(JSON.stringify(bench.facts)).toContain('never healthy')
  })
})
