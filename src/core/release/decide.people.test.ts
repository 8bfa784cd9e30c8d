import { describe, expect, it } from 'vitest'
import { BAD, GOOD } from '../../../test/core/observe.ts'
import { FIX, factTypes, releaseBench, weightOf } from '../../../test/core/release-bench.ts'

const promoted = () => {
  const bench = releaseBench()
  bench.ask({ steps: [100], automaticRollback: false })
  bench.toHolding()
  return bench
}

describe('all at once, as people do it', () => {
  it('starts all replicas, shifts everything, promotes, and ends the previous release (R13)', () => {
    const bench = promoted()
    expect(bench.types()).toEqual(['migrations.apply', 'replicas.start', 'weights.set', 'replicas.stop'])
    expect(factTypes(bench.facts)).toEqual(['release.promoted'])
  })

  it('can be undone after the promotion: replicas first, then weights, then the end of the bad ones (R3)', () => {
    const bench = promoted()
    bench.succeedLast('replicas.stop')
    bench.give('release.abort-requested', { release: BAD, reason: 'kubectl rollout undo' })
    expect(bench.last('replicas.start').data).toEqual({ release: GOOD, replicas: 4, poolMaxPerReplica: 25 })
    bench.succeedLast('replicas.start')
    expect(weightOf(bench.last('weights.set'), GOOD)).toBe(100)
    bench.succeedLast('weights.set')
    bench.succeedLast('replicas.stop')
    expect(factTypes(bench.facts)).toEqual(['release.promoted', 'release.rollback-decided', 'release.rolled-back'])
  })

  it('waits with the undo until the previous replicas have ended, so that no late stop hits them', () => {
    const bench = promoted()
    bench.give('release.abort-requested', { release: BAD, reason: 'undo' })
    expect(bench.state().phase).toBe('promoted')
    bench.succeedLast('replicas.stop')
    expect(bench.state()).toMatchObject({ phase: 'rolling-back', stage: 'restoring' })
  })

  it('steps by time alone when there is more than one step (R13)', () => {
    const bench = releaseBench()
    bench.ask({ automaticRollback: false, steps: [50, 100] })
    bench.toHolding()
    const state = bench.state()
    if (state.phase === 'holding') bench.give('timer.elapsed', { timer: state.hold.name })
    bench.toHolding()
    expect(bench.state().phase).toBe('promoted')
  })
})

describe('requests that meet a rollout under way', () => {
  it('drop it to weight 0, then begin at their first step; the way back stays the stable release (R11)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.passStep()
    bench.toHolding()
    bench.ask({ release: FIX, previous: BAD })
    expect(weightOf(bench.last('weights.set'))).toBe(0)
    bench.succeedLast('weights.set')
    bench.succeedLast('replicas.stop')
    bench.toHolding()
    expect(bench.state()).toMatchObject({ phase: 'holding', step: 0, rollout: { release: FIX, previous: GOOD } })
    expect(weightOf(bench.last('weights.set'), FIX)).toBe(10)
  })

  it('for the same release change nothing (R11)', () => {
    const bench = releaseBench()
    bench.ask()
    const before = bench.state()
    expect(bench.ask()).toEqual([])
    expect(bench.state()).toEqual(before)
  })

  it('for the release before mean going back at once (R11)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.ask({ release: GOOD, previous: BAD })
    bench.succeedLast('weights.set')
    bench.succeedLast('replicas.stop')
    expect(bench.state()).toMatchObject({ phase: 'rolled-back', rollout: { release: BAD } })
  })

  it('wait out a rollback; the newest one wins, and an abort takes it away (R11)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.judge('bad')
    bench.ask({ release: FIX })
    expect(bench.state()).toMatchObject({ next: { release: FIX } })
    bench.give('release.abort-requested', { release: FIX, reason: 'not yet' })
    expect(bench.state()).toMatchObject({ phase: 'rolling-back', next: null })
  })

  it('do not begin behind a rollback that failed', () => {
    const bench = releaseBench()
    bench.ask()
    bench.toHolding()
    bench.judge('bad')
    bench.ask({ release: FIX })
    for (let turn = 0; turn < 5; turn++) bench.fail(bench.last('weights.set'), 'router down')
    expect(bench.state()).toMatchObject({ phase: 'failed', stranded: true, rollout: { release: BAD } })
    expect(factTypes(bench.facts).filter((type) => type === 'release.failed')).toHaveLength(2)
  })

  it('are told apart from an earlier rollout of the same release (R9)', () => {
    const bench = releaseBench()
    bench.ask()
    bench.fail(bench.last('migrations.apply'))
    bench.ask()
    const keys = bench.commands.map((one) => one.key)
    expect(new Set(keys).size).toBe(2)
  })
})

describe('requests that cannot be carried out (R8)', () => {
  it.each([
    ['falling steps', { steps: [50, 10, 100] }],
    ['steps that do not reach 100', { steps: [10, 50] }],
    ['a step of 0', { steps: [0, 100] }],
    ['a step above 100', { steps: [10, 110] }],
    ['NaN', { steps: [Number.NaN, 100] }],
    ['no replica', { replicas: 0 }],
    ['half a connection', { poolMaxPerReplica: 0.5 }],
    ['itself as predecessor', { previous: BAD }],
  ])('%s', (_, changed) => {
    const bench = releaseBench()
    expect(bench.ask(changed)).toEqual([])
    expect(bench.state().phase).toBe('idle')
    expect(factTypes(bench.facts)).toEqual(['release.failed'])
  })

  it('leave a rollout under way alone', () => {
    const bench = releaseBench()
    bench.ask()
    bench.ask({ release: FIX, replicas: 0 })
    expect(bench.state()).toMatchObject({ phase: 'migrating', rollout: { release: BAD } })
  })

  it('use the steps of the policy when they name none', () => {
    const bench = releaseBench()
    bench.ask({ steps: [] })
    expect(bench.state()).toMatchObject({ rollout: { steps: [10, 50, 100] } })
  })
})
