import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BAD, GOOD } from '../../../test/core/observe.ts'
import { FIX, releaseBench } from '../../../test/core/release-bench.ts'
import { minutes } from '../../base/time.ts'
import type { Command } from '../commands.ts'
import type { Facts } from '../events.ts'

/** What may happen next in the model world; numbers choose among what is possible then. */
type Happening =
  | { readonly do: 'end'; readonly which: number; readonly well: boolean; readonly twice: boolean }
  | { readonly do: 'timer' }
  | { readonly do: 'judge'; readonly verdict: Facts['release.judged']['verdict'] }
  | { readonly do: 'abort' }
  | { readonly do: 'request'; readonly release: string; readonly steps: readonly number[]; readonly guarded: boolean }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(5),
      well: fc.boolean(),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(5),
      well: fc.constant(true),
      twice: fc.constant(false),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('timer' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('judge' as const),
      verdict: fc.constantFrom(
        'pass' as const,
        'pass' as const,
        'bad' as const,
        'everything-bad' as const,
        'no-data' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      release: fc.constantFrom<string>(BAD, FIX),
      steps: fc.constantFrom([100], [10, 50, 100], [1, 99, 100]),
      guarded: fc.boolean(),
    }),
  },
)

/** A world in which commands end in any order, late, badly or reported twice, and weights are what was set last. */
function world() {
  const bench = releaseBench()
  const open: Command[] = []
  let asked = 0
  let weightOfBad = new Map<string, number>()
  const collect = () => {
    open.push(...bench.commands.slice(asked))
    asked = bench.commands.length
  }
  const end = (command: Command, well: boolean) => {
    if (well && command.type === 'weights.set') {
      weightOfBad = new Map(command.data.weights.map((one) => [one.release, one.weight]))
    }
    if (well) bench.succeed(command)
    else bench.fail(command)
  }
  const elapse = () => {
    const state = bench.state()
    bench.pass(minutes(31))
    if (state.phase === 'holding') bench.give('timer.elapsed', { timer: state.hold.name })
  }
  const rolloutRelease = () => {
    const state = bench.state()
    return state.phase === 'idle' ? BAD : state.rollout.release
  }
  const happen = (one: Happening) => {
    collect()
    bench.pass(1000)
    if (one.do === 'timer') elapse()
    else if (one.do === 'judge') bench.judge(one.verdict, rolloutRelease())
    else if (one.do === 'abort') bench.give('release.abort-requested', { release: rolloutRelease(), reason: 'fuzz' })
    else if (one.do === 'request') {
      const { release, steps, guarded } = one
      bench.ask({ release: release as typeof BAD, steps, automaticRollback: guarded })
    } else {
      const [command] = open.splice(one.which % Math.max(1, open.length), 1)
      if (command !== undefined) end(command, one.well)
      if (command !== undefined && one.twice) end(command, one.well)
    }
    collect()
  }
  /** Fair scheduling: what is open ends well, time passes, the judge speaks. */
  const settle = (verdict: 'pass' | 'bad') => {
    for (let turn = 0; turn < 200; turn++) {
      collect()
      const command = open.shift()
      if (command !== undefined) end(command, true)
      else if (bench.state().phase === 'holding') {
        bench.pass(minutes(31))
        bench.judge(verdict, rolloutRelease())
        elapse()
      } else return
    }
  }
  return { bench, happen, settle, weights: () => weightOfBad }
}

const traces = fc.array(happening, { maxLength: 60 })

describe('the release decider in a hostile world', () => {
  it('R1, R6, R14: weights add up to 100, never exceed the step, and never rise for what is rolled back', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const { bench, happen } = world()
        bench.ask()
        for (const one of trace) {
          const before = bench.commands.length
          const wasRollingBack = bench.state().phase === 'rolling-back' ? bench.state() : null
          happen(one)
          const state = bench.state()
          for (const command of bench.commands.slice(before)) {
            if (command.type !== 'weights.set') continue
            expect(command.data.weights.reduce((sum, weight) => sum + weight.weight, 0)).toBe(100)
            const own = command.data.weights.find(
              (weight) => state.phase !== 'idle' && weight.release === state.rollout.release,
            )
            if (state.phase === 'rolling-back') expect(own?.weight).toBe(0)
            if (state.phase === 'shifting') expect(own?.weight).toBe(state.rollout.steps[state.step])
          }
          if (wasRollingBack?.phase === 'rolling-back' && state.phase === 'rolling-back') {
            expect(state.rollout).toEqual(wasRollingBack.rollout)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('R2, R6, R7: settles as promoted, rolled back or failed, with the traffic where the ledger says', () => {
    fc.assert(
      fc.property(traces, fc.constantFrom('pass' as const, 'bad' as const), (trace, verdict) => {
        const { bench, happen, settle, weights } = world()
        bench.ask()
        trace.forEach(happen)
        settle(verdict)
        const state = bench.state()
        expect(['promoted', 'rolled-back', 'failed']).toContain(state.phase)
        if (state.phase === 'promoted') expect(weights().get(state.rollout.release)).toBe(100)
        if (state.phase === 'rolled-back') {
          expect(weights().get(state.rollout.release)).toBe(0)
          expect(weights().get(state.rollout.previous)).toBe(100)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('R9, R10: outcomes reported twice give the same commands, and no key is used twice', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const once = world()
        const twice = world()
        once.bench.ask()
        twice.bench.ask()
        for (const one of trace) {
          once.happen(one.do === 'end' ? { ...one, twice: false } : one)
          twice.happen(one.do === 'end' ? { ...one, twice: true } : one)
        }
        const keys = once.bench.commands.map((command) => command.key)
        expect(new Set(keys).size).toBe(keys.length)
        expect(twice.bench.commands.map((command) => command.type)).toEqual(
          once.bench.commands.map((command) => command.type),
        )
        expect(twice.bench.state().phase).toBe(once.bench.state().phase)
      }),
      { numRuns: 300 },
    )
  })

  it('R6: never ends replicas that carry weight by its own last word', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const { bench, happen } = world()
        bench.ask()
        trace.forEach(happen)
        let last: readonly { release: string; weight: number }[] = [{ release: GOOD, weight: 100 }]
        for (const command of bench.commands) {
          if (command.type === 'weights.set') last = command.data.weights
          if (command.type !== 'replicas.stop') continue
          expect(last.find((one) => one.release === command.data.release)?.weight ?? 0).toBe(0)
        }
      }),
      { numRuns: 500 },
    )
  })
})
