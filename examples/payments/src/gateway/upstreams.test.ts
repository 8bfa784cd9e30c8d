import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUpstreams, MAX_IN_FLIGHT_PER_UPSTREAM, REFUSED_PAUSE_MS } from './upstreams.ts'

const SERVICE = 'payment-service'
const replica = (id: string, release: string) => ({ id, release, url: `http://${id}` })

function registry(...replicas: ReturnType<typeof replica>[]) {
  const clock = { now: 0 }
  const upstreams = createUpstreams(() => clock.now)
  upstreams.set(SERVICE, { replicas })
  const picks = (count: number) => Array.from({ length: count }, () => upstreams.pick(SERVICE)?.id ?? null)
  return { upstreams, clock, picks }
}

describe('the choice of a replica', () => {
  it('gives every release its exact share of any run as long as the sum of the weights', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 3 }), (list, rounds) => {
        const { upstreams, picks } = registry(...list.map((_, index) => replica(`r${index}`, `v${index}`)))
        upstreams.set(SERVICE, { weights: list.map((weight, index) => ({ release: `v${index}`, weight })) })
        const sum = list.reduce((total, weight) => total + weight, 0)
        picks(sum * rounds)
        const chosen = picks(sum)
        expect(list.map((_, index) => chosen.filter((id) => id === `r${index}`).length)).toEqual(list)
      }),
    )
  })

  it('shares evenly as long as no weights were given', () => {
    const { picks } = registry(replica('a', '1'), replica('b', '2'))
    expect(picks(4).sort()).toEqual(['a', 'a', 'b', 'b'])
  })

  it('passes over a replica that refused for a moment, then tries it again', () => {
    const { upstreams, clock, picks } = registry(replica('a', '1'), replica('b', '1'))
    const first = upstreams.pick(SERVICE)
    if (first === null) throw new Error('nobody was picked')
    upstreams.refused(first)
    expect(new Set(picks(4))).toEqual(new Set(['b']))
    clock.now += REFUSED_PAUSE_MS
    expect(new Set(picks(4))).toEqual(new Set(['a', 'b']))
  })

  it('leaves a release that nobody serves to the others, and gives nobody when all are full', () => {
    const { upstreams, picks } = registry(replica('a', '1'))
    upstreams.set(SERVICE, {
      weights: [
        { release: '1', weight: 1 },
        { release: '2', weight: 99 },
      ],
    })
    const only = upstreams.pick(SERVICE)
    expect(only?.id).toBe('a')
    if (only !== null) only.inFlight = MAX_IN_FLIGHT_PER_UPSTREAM
    expect(picks(2)).toEqual([null, null])
  })

  it('remembers what is under way at a replica that stays when others are replaced', () => {
    const { upstreams } = registry(replica('a', '1'))
    const kept = upstreams.pick(SERVICE)
    if (kept !== null) kept.inFlight = 3
    upstreams.set(SERVICE, { replicas: [replica('a', '1'), replica('b', '2')] })
    const [view] = upstreams.list()
    expect(view?.replicas.map(({ id, inFlight }) => [id, inFlight])).toEqual([
      ['a', 3],
      ['b', 0],
    ])
  })
})
