/** `premortem check --deployed`: is the database what the snapshot and the migrations make of it? */
import { takeSnapshot } from '../../adapters/postgres/snapshot/take.ts'
import { Problem } from '../../base/problem.ts'
import { compareDeployed } from '../../core/check/expectations/compare.ts'
import { verdictOf } from '../../core/check/gate/verdict.ts'
import type { CheckResult, RollbackSafety } from '../../core/check/result.ts'
import type { CheckInputs } from './inputs.ts'
import { embeddedPhantoms } from './phantom-server.ts'
import type { CheckSurroundings } from './run.ts'

/** A look at a database says nothing about going back. */
const NOT_ASKED: RollbackSafety = { verdict: 'unknown', target: null, broken: [], order: 'any', sequence: [] }

/**
 * Builds the expected schema on an empty server, reads it and the deployed one in the same way, and compares.
 * @throws Problem `deployed-needs-url`, `deployed-migration-fails`, or those of the snapshot's reader
 */
export async function checkDeployed(
  asked: { readonly inputs: CheckInputs; readonly url: string | undefined },
  around: CheckSurroundings,
): Promise<CheckResult> {
  const { inputs } = asked
  const { snapshot, pending, config } = inputs
  const { clock, signal, onProgress } = around
  const url = asked.url ?? process.env.DATABASE_URL
  if (url === undefined || !/^postgres(ql)?:\/\//.test(url)) throw noUrl()
  const started = clock.monotonic()
  const read = (connectionString: string) =>
    takeSnapshot({ connectionString, values: 'none', now: clock.now(), signal, workload: [], schema: 'catalog' })
  onProgress('the deployed schema')
  const actual = await read(url)
  onProgress('the expected schema, on an empty server')
  const phantom = await embeddedPhantoms({ root: around.root, onProgress }).open(
    { snapshot, files: [...pending.earlier, ...pending.own] },
    signal,
  )
  try {
    if (phantom.failure !== null) throw fails(phantom.failure)
    const state = { statements: phantom.applied.length, analysed: false, extra: [], jitter: null }
    const expected = await phantom.inState(state, read, signal)
    const left = new Set(phantom.skipped.map((one) => one.object))
    const kept = { ...expected, schema: expected.schema.filter((one) => one.object === null || !left.has(one.object)) }
    const findings = compareDeployed(kept, actual).filter((one) => !mentions(one.message, left))
    const base = {
      schema: 'https://premortem.dev/schema/check-1.json' as const,
      release: inputs.release,
      files: pending.own.map((file) => file.path),
      findings,
      plans: [],
      rollbackSafety: NOT_ASKED,
      unplanned: [],
      migration: phantom.applied,
      unusedIndexes: [],
      skipped: phantom.skipped,
      missing: actual.missing,
      checklist: [],
      assumptions: inputs.assumptions,
      timings: { total: Math.round(clock.monotonic() - started) },
    }
    return { ...base, ...verdictOf(base, config.policy) }
  } finally {
    await phantom.close()
  }
}

/** What the empty server cannot have is there in production, rightly. */
const mentions = (message: string, objects: ReadonlySet<string>): boolean =>
  [...objects].some((object) => message.includes(` ${object} `))

const noUrl = (): Problem =>
  new Problem({
    code: 'deployed-needs-url',
    what: 'With --deployed a database must be named by an address, and none is.',
    where: '--url, DATABASE_URL',
    remedy: 'Give --url postgres://…, or set DATABASE_URL.',
  })

const fails = (failure: { readonly file: string; readonly line: number; readonly message: string }): Problem =>
  new Problem({
    code: 'deployed-migration-fails',
    what: `What is expected cannot be told: the migration fails on the snapshot's schema: ${failure.message}.`,
    where: `${failure.file}:${failure.line}`,
    remedy: 'Name the snapshot from before this deployment with --snapshot, or correct the migration.',
  })
