/**
 * Do plans on a phantom equal the plans on the data? `node bench/check/fidelity.ts [--rows 2000000] [--root folder]`. Loads two
 * schemas once, takes snapshots of them, plans the same queries with the same values on both sides, and writes FIDELITY.md.
 */
import { parseArgs } from 'node:util'
import { createPhantoms } from '../../src/adapters/phantom/phantom.ts'
import { planQueries } from '../../src/adapters/phantom/planner.ts'
import { takeSnapshot } from '../../src/adapters/postgres/snapshot/take.ts'
import { epochMs } from '../../src/base/time.ts'
import { openHome } from '../../src/cli/check/phantom-home.ts'
import type { ValuesMode } from '../../src/core/check/snapshot.ts'
import { type Compared, compare } from './fidelity-compare.ts'
import { SUBJECTS, type Subject, startReal, withTablespaceCosts } from './fidelity-databases.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    root: { type: 'string', default: '.premortem/fidelity' },
    show: { type: 'boolean', default: false },
    values: { type: 'string', default: 'keep' },
  },
})
const signal = new AbortController().signal
const say = (line: string) => process.stderr.write(`${line}\n`)

async function measure(subject: Subject, connectionString: string, mode: ValuesMode): Promise<readonly Compared[]> {
  const taken = await takeSnapshot({
    connectionString,
    values: mode,
    now: epochMs(Date.now()),
    signal,
    workload: subject.queries,
  })
  const snapshot = await withTablespaceCosts(taken, connectionString)
  const phantoms = createPhantoms({ openHome: (signal) => openHome(values.root, signal), onProgress: say })
  const phantom = await phantoms.open({ snapshot, files: [] }, signal)
  try {
    for (const one of phantom.skipped) say(`skipped ${one.object}: ${one.reason}`)
    const started = performance.now()
    const state = { statements: 0, analysed: false, extra: [], jitter: null }
    const planned = await phantom.plan(subject.queries, state, signal)
    say(`${subject.name}: planned on the phantom in ${Math.round(performance.now() - started)} ms`)
    const real = await planQueries({ connectionString, queries: subject.queries, snapshot, connections: 2, signal })
    for (const one of real) if (one.unplanned !== null) say(`unplanned ${one.query.name}: ${one.unplanned.reason}`)
    return compare(subject.name, real, planned)
  } finally {
    await phantom.close()
  }
}

const server = await startReal({ root: values.root, rows: Number(values.rows), onProgress: say })
try {
  for (const subject of SUBJECTS) {
    const found = await measure(subject, server.connectionString(subject.name), values.values as ValuesMode)
    const same = found.filter((one) => one.sameTree)
    const near = found.filter((one) => Math.abs(one.ratio - 1) <= 0.01)
    say(
      `${subject.name}: ${found.length} plans of ${subject.queries.length} queries; ${same.length} same trees, ${near.length} costs within 1 %`,
    )
    for (const one of found)
      if (!one.sameTree || Math.abs(one.ratio - 1) > 0.01) {
        say(`  ${one.sameTree ? 'same' : 'DIFF'} ${one.ratio.toFixed(4)} ${one.query} / ${one.variant}`)
        if (values.show) say(JSON.stringify({ real: one.real, phantom: one.phantom }, null, 1))
      }
  }
} finally {
  await server.stop()
}
