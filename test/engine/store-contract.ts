import { beforeEach, describe, expect, it } from 'vitest'
import { idempotencyKey } from '../../src/base/ids.ts'
import { epochMs } from '../../src/base/time.ts'
import { releaseId, serviceName } from '../../src/base/units.ts'
import type { Command } from '../../src/core/commands.ts'
import { fact, type NewEvent, type Stream } from '../../src/core/events.ts'
import { type Store, StreamConflict } from '../../src/core/store.ts'
import { readAll } from '../../src/engine/read-all.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Keys of the commands that were enqueued, in order. */
  enqueued(): Promise<readonly string[]>
}

const AT = epochMs(Date.UTC(2024, 2, 15, 14, 32, 0, 123))
const PERSON = { kind: 'person', name: 'Alice Johnson' } as const

export const payments: Stream = { environment: 'test', service: serviceName('payment-service') }
const orders: Stream = { environment: 'test', service: serviceName('order-service') }

export const note = (text: string, at = AT): NewEvent =>
  fact({ at, source: PERSON }, 'incident.note', { text, links: [] })
export const stopReplicas = (key: string): Command => ({
  type: 'replicas.stop',
  key: idempotencyKey(key),
  data: { release: releaseId('2.3.1') },
})

const append = (store: Store, stream: Stream, events: readonly NewEvent[]) =>
  store.transact(stream, (transaction) => transaction.append(events))

/** What every Store must do. `open` gives a new, empty one. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let store: Store
    let enqueued: StoreUnderTest['enqueued']
    beforeEach(async () => {
      ;({ store, enqueued } = await open())
    })

    describeLedger(() => store)
    describeConflicts(() => store)
    describeStates(() => store)

    it('enqueues a key once in a stream, in one transaction and in later ones', async () => {
      await store.transact(payments, (transaction) =>
        transaction.enqueue([stopReplicas('a'), stopReplicas('b'), stopReplicas('a')]),
      )
      await store.transact(payments, (transaction) => transaction.enqueue([stopReplicas('b'), stopReplicas('c')]))
      await store.transact(orders, (transaction) => transaction.enqueue([stopReplicas('a')]))
      expect(await enqueued()).toEqual(['a', 'b', 'c', 'a'])
    })

    it('keeps nothing when the work throws', async () => {
      await append(store, payments, [note('before')])
      const work = store.transact(payments, async (transaction) => {
        await transaction.append([note('lost')])
        await transaction.saveState('release', { step: 'lost' })
        await transaction.enqueue([stopReplicas('lost')])
        throw new Error('the work failed')
      })
      await expect(work).rejects.toThrow('the work failed')
      expect((await readAll(store, payments)).map((event) => event.sequence)).toEqual([1])
      expect(await store.transact(payments, (transaction) => transaction.loadState('release'))).toBeNull()
      expect(await enqueued()).toEqual([])
      await store.transact(payments, (transaction) => transaction.enqueue([stopReplicas('lost')]))
      expect(await enqueued()).toEqual(['lost'])
    })
  })
}

function describeLedger(store: () => Store): void {
  it('numbers the events of a stream from 1 without gaps, each stream for itself', async () => {
    expect(await store().transact(payments, (transaction) => transaction.head())).toBe(0)
    const first = await append(store(), payments, [note('one'), note('two')])
    const other = await append(store(), orders, [note('elsewhere')])
    const second = await append(store(), payments, [note('three')])
    expect([...first, ...second].map((event) => event.id)).toEqual([
      'payment-service/1',
      'payment-service/2',
      'payment-service/3',
    ])
    expect(other[0]?.id).toBe('order-service/1')
    expect(await store().transact(payments, (transaction) => transaction.head())).toBe(3)
  })

  it('appends twice in one transaction, one behind the other', async () => {
    await store().transact(payments, async (transaction) => {
      await transaction.append([note('one')])
      await transaction.append([])
      await transaction.append([note('two')])
      expect(await transaction.head()).toBe(2)
    })
    expect((await readAll(store(), payments)).map((event) => event.sequence)).toEqual([1, 2])
  })

  it('reads back what append returned, to the millisecond, over months and in any order of time', async () => {
    const times = [AT, epochMs(AT + 86_400_000 * 40), epochMs(Date.UTC(1999, 11, 31, 23, 59, 59, 999)), AT]
    const appended = await append(
      store(),
      payments,
      times.map((at, index) => note(`naïve “text” ${index} \\ ' 🚨`, at)),
    )
    expect(appended.map((event) => event.at)).toEqual(times)
    expect(await store().read(payments)).toEqual(appended)
  })

  it('keeps whole milliseconds', async () => {
    const [event] = await append(store(), payments, [note('between', epochMs(AT + 0.75))])
    expect(event?.at).toBe(AT)
    expect(await store().read(payments)).toEqual([event])
  })

  describePages(store)
}

function describePages(store: () => Store): void {
  it('reads in pages', async () => {
    await append(
      store(),
      payments,
      Array.from({ length: 25 }, (_, index) => note(`${index}`)),
    )
    expect((await store().read(payments, { after: 20 })).map((event) => event.sequence)).toEqual([21, 22, 23, 24, 25])
    expect((await store().read(payments, { after: 3, limit: 2 })).map((event) => event.sequence)).toEqual([4, 5])
    const all = await readAll(store(), payments, { pageSize: 10 })
    expect(all.map((event) => event.sequence)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1))
  })

  it('reads all of a stream that is longer than one read gives', async () => {
    await append(
      store(),
      payments,
      Array.from({ length: 10_050 }, (_, index) => note(`${index}`)),
    )
    expect(await store().read(payments)).toHaveLength(10_000)
    expect(await readAll(store(), payments)).toHaveLength(10_050)
  })
}

function describeConflicts(store: () => Store): void {
  it('tells the second of two writers that another was first', async () => {
    await append(store(), payments, [note('before')])
    let meet: () => void = () => undefined
    const both = new Promise<void>((resolve) => {
      let met = 0
      meet = () => (++met === 2 ? resolve() : undefined)
    })
    const writer = (text: string) =>
      store().transact(payments, async (transaction) => {
        await transaction.head()
        meet()
        await both
        return transaction.append([note(text)])
      })
    const results = await Promise.allSettled([writer('left'), writer('right')])
    const failed = results.filter((result) => result.status === 'rejected')
    expect(failed.map((result) => result.reason)).toEqual([expect.any(StreamConflict)])
    expect((await readAll(store(), payments)).map((event) => event.sequence)).toEqual([1, 2])
  })

  it('tells the second of two writers of a new stream, too', async () => {
    await store().transact(payments, async (slow) => {
      await append(store(), payments, [note('faster')])
      await expect(slow.append([note('slower')])).rejects.toBeInstanceOf(StreamConflict)
    })
    expect(await readAll(store(), payments)).toHaveLength(1)
  })

  it('lets writers of different streams pass each other', async () => {
    await store().transact(payments, async (transaction) => {
      await transaction.append([note('open')])
      await append(store(), orders, [note('meanwhile')])
    })
    expect(await readAll(store(), payments)).toHaveLength(1)
    expect(await readAll(store(), orders)).toHaveLength(1)
  })

  it('gives 40 events of 8 writers that try again the numbers 1 to 40', async () => {
    const write = async (text: string): Promise<void> => {
      for (;;) {
        try {
          await append(store(), payments, [note(text)])
          return
        } catch (error) {
          if (!(error instanceof StreamConflict)) throw error
        }
      }
    }
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let round = 0; round < 5; round += 1) await write(`${writer}/${round}`)
    })
    await Promise.all(writers)
    const sequences = (await readAll(store(), payments)).map((event) => event.sequence)
    expect(sequences).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })
}

function describeStates(store: () => Store): void {
  it('gives back the state saved last, for each decider and stream', async () => {
    const state = { step: 'canary', weights: [10, 50, 100], since: AT, nothing: null, deep: { text: 'ä 🚨' } }
    await store().transact(payments, async (transaction) => {
      expect(await transaction.loadState('release')).toBeNull()
      await transaction.saveState('release', { step: 'first' })
      expect(await transaction.loadState('release')).toEqual({ step: 'first' })
    })
    await store().transact(payments, (transaction) => transaction.saveState('release', state))
    await store().transact(payments, async (transaction) => {
      expect(await transaction.loadState('release')).toEqual(state)
      expect(await transaction.loadState('incident')).toBeNull()
    })
    expect(await store().transact(orders, (transaction) => transaction.loadState('release'))).toBeNull()
  })
}
