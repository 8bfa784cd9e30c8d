/** A process that opens a phantom and then waits to be killed: `node fidelity-owner.ts <root>`. Prints a line when it is open. */
import { setTimeout as delay } from 'node:timers/promises'
import { embeddedPhantoms } from '../../src/cli/check/phantom-server.ts'
import { BEFORE, bigSnapshot, planOf } from './fidelity-snapshots.ts'

const [root = ''] = process.argv.slice(2)
const phantom = await embeddedPhantoms({ root }).open(
  { snapshot: bigSnapshot(), files: [] },
  new AbortController().signal,
)
await planOf(phantom, 'select * from payments', BEFORE)
process.stdout.write('open\n')
await delay(60_000)
