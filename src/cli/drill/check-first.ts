/** Before act 2: `premortem check` of the bad release, as a pull request would have had it. */
import { type DurationMs, ms, toSeconds } from '../../base/time.ts'
import type { CheckResult } from '../../core/check/result.ts'
import type { DrillCheck } from '../../core/rehearse/result.ts'
import { gatherInputs } from '../check/inputs.ts'
import { runCheck } from '../check/run.ts'
import { orAbort } from '../scope.ts'
import type { ActOptions } from './acting.ts'

type Options = Pick<ActOptions, 'script' | 'example' | 'clock' | 'live' | 'scope'> & {
  /** The `.premortem` folder. */
  readonly folder: string
}

/**
 * Checks the bad release with the example's own configuration and snapshot, tells what came of it, and gives it for the
 * result and for the ledger, where the deployment overrides it.
 */
export async function checkFirst(options: Options): Promise<DrillCheck> {
  const { script, example, clock, live, scope } = options
  live.phase(`Before act 2: premortem check of ${script.bad}, on production's statistics`)
  const inputs = await gatherInputs({ cwd: example.root, release: script.bad, previous: script.stable, files: [] })
  const result = await orAbort(
    scope,
    runCheck(inputs, {
      root: options.folder,
      clock,
      signal: scope.signal,
      onProgress: () => undefined,
      fragility: false,
    }),
  )
  const check = drillCheck(result, ms(result.timings.total ?? 0))
  live.line(summaryOf(check), null, check.verdict === 'fail' ? 'bad' : 'plain')
  if (check.message !== null) live.line(check.message, null, 'quiet')
  if (check.verdict === 'fail') live.line('released all the same, so that the guards have to act', null, 'quiet')
  return check
}

function drillCheck(result: CheckResult, took: DurationMs): DrillCheck {
  const worst = result.plans.find((plan) => plan.regressed) ?? null
  return {
    release: result.release ?? '',
    verdict: result.verdict,
    why: result.why,
    seconds: Math.round(toSeconds(took) * 10) / 10,
    message: worst?.message ?? null,
    file: worst?.blamedOn?.file ?? null,
    line: worst?.blamedOn?.line ?? null,
    rollbackTarget: result.rollbackSafety.target,
    rollback: result.rollbackSafety.verdict,
  }
}

/** `refused in 3.2 s: releases/2.3.1/migrations/0005_payment_review.sql:15` */
function summaryOf(check: DrillCheck): string {
  const words = { fail: 'refused', warn: 'passed with warnings', pass: 'passed' }[check.verdict]
  const place = check.file === null ? '' : `: ${check.file}:${check.line}`
  return `${check.release} ${words} in ${check.seconds} s${place}`
}

/** What the deployment overrides, for the ledger; empty when the check had nothing against it. */
export const overriddenBy = (check: DrillCheck): readonly string[] =>
  check.verdict !== 'fail' ? [] : [`premortem check: ${check.message ?? check.why.join('; ')}`]
