/**
 * Do plans on a phantom equal the plans on the data? `node bench/check/fidelity.ts [--rows 2000000] [--root folder]`. Loads two
 * schemas once (three minutes), takes snapshots of them, plans the same queries with the same values on both sides, drops one
 * index after the other, and writes FIDELITY.md.
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { planQueries } from '../../src/adapters/phantom/planner.ts'
import { takeSnapshot } from '../../src/adapters/postgres/snapshot/take.ts'
import { epochMs } from '../../src/base/time.ts'
import { embeddedPhantoms } from '../../src/cli/check/phantom-server.ts'
import type { Snapshot, ValuesMode } from '../../src/core/check/snapshot.ts'
import { compare } from './fidelity-compare.ts'
import { ginIndexes, SUBJECTS, type Subject, startReal } from './fidelity-databases.ts'
import { isNear, type Measured, renderFidelity } from './fidelity-report.ts'
import { judgeDrops } from './fidelity-verdicts.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    root: { type: 'string', default: '.premortem/fidelity' },
    'no-verdicts': { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
  },
})
const signal = new AbortController().signal
const BEFORE = { statements: 0, analysed: false, extra: [], jitter: null }
const say = (line: string) => process.stderr.write(`${line}\n`)

async function snapshotOf(subject: Subject, connectionString: string, mode: ValuesMode): Promise<Snapshot> {
  const workload = subject.queries
  const now = epochMs(Date.now())
  return takeSnapshot({ connectionString, values: mode, now, signal, workload })
}

/** The real side always plans with the real values; variants of the same name stand for the same rank of values. */
async function measure(subject: Subject, connectionString: string, mode: ValuesMode): Promise<Measured> {
  const kept = await snapshotOf(subject, connectionString, 'keep')
  const snapshot = mode === 'keep' ? kept : await snapshotOf(subject, connectionString, mode)
  const phantom = await embeddedPhantoms({ root: values.root }).open({ snapshot, files: [] }, signal)
  try {
    for (const one of phantom.skipped) say(`skipped ${one.object}: ${one.reason}`)
    const queries = subject.queries
    const planned = await phantom.plan(queries, BEFORE, signal)
    const real = await planQueries({ connectionString, queries, snapshot: kept, connections: 2, signal })
    for (const one of real) if (one.unplanned !== null) say(`unplanned ${one.query.name}: ${one.unplanned.reason}`)
    const judged = mode === 'keep' && !values['no-verdicts']
    const verdicts = judged ? await judgeDrops({ phantom, snapshot, connectionString, signal }) : null
    const plans = compare(subject.name, real, planned)
    return { schema: subject.name, values: mode, queries: queries.length, plans, verdicts }
  } finally {
    await phantom.close()
  }
}

function tell(measured: Measured): void {
  const { plans, verdicts } = measured
  const same = plans.filter((one) => one.sameTree).length
  say(
    `${measured.schema} ${measured.values}: ${plans.length} plans, ${same} same trees, ${plans.filter(isNear).length} near costs`,
  )
  for (const one of plans) {
    if (one.sameTree && isNear(one)) continue
    say(`  ${one.sameTree ? 'same' : 'DIFF'} ${one.ratio.toFixed(4)} ${one.query} / ${one.variant}`)
    if (values.show) say(JSON.stringify({ real: one.real, phantom: one.phantom }, null, 1))
  }
  if (verdicts !== null) say(JSON.stringify(verdicts))
}

const server = await startReal({ root: values.root, rows: Number(values.rows), onProgress: say })
try {
  const all: Measured[] = []
  for (const mode of ['keep', 'remap'] as const) {
    for (const subject of SUBJECTS) {
      const measured = await measure(subject, server.connectionString(subject.name), mode)
      tell(measured)
      all.push(measured)
    }
  }
  const gin = new Set(await ginIndexes(SUBJECTS.map(({ name }) => server.connectionString(name))))
  const machine = `${cpus().length} processors`
  writeFileSync(
    new URL('./FIDELITY.md', import.meta.url),
    renderFidelity({ rows: Number(values.rows), machine, gin }, all),
  )
} finally {
  await server.stop()
}
