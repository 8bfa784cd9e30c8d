import { epochMs } from '../../src/base/time.ts'
import { createMemoryStore } from '../../src/engine/memory-store.ts'
import { describeStore } from './store-contract.ts'

describeStore('the store in memory', async () => {
  const store = createMemoryStore({ now: () => epochMs(0) })
  return { store, enqueued: async () => store.queued().map(({ command }) => command.key) }
})
