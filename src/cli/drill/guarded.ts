/** Act 2: the same release under premortem, its check overridden so that the guards at run time must act. */
import { ms, seconds } from '../../base/time.ts'
import type { ReleaseId } from '../../base/units.ts'
import { type Facts, fact, type LedgerEvent, type Source } from '../../core/events.ts'
import { paced } from '../../core/rehearse/scenario.ts'
import type { Acting } from './acting.ts'
import { incidentsEnd } from './incidents-end.ts'

const STEPS = [10, 50, 100]
const DEPLOYER: Source = { kind: 'person', name: 'the deployment pipeline' }
/** Incident minutes of calm after the rollback before the fix is released, and after the fix before the act ends. */
const CALM_MINUTES = 12
/** However fast the drill: recovery is judged over windows of 5 s that no rollout touches, and one alone may be luck. */
const LEAST_CALM = ms(7000)
/** Incident minutes that are waited for an open incident to be resolved after the calm, at the most; in real time no less. */
const CLOSING_MINUTES = 30
const LEAST_CLOSING = seconds(20)
const POLL = ms(100)

/** Releases the bad version, waits for what the guards do, then releases the fix under the same guards. */
export async function directGuarded(acting: Acting): Promise<void> {
  const { script } = acting.options
  await acting.until(script.deployAt)
  await request(acting, {
    release: script.bad,
    previous: script.stable,
    links: script.links,
    overridden: acting.options.overridden,
  })
  const ended = await outcomeOf(acting, script.bad)
  await calm(acting)
  if (ended?.type !== 'release.rolled-back') return
  await request(acting, { release: script.fix, previous: script.stable, links: [], overridden: [] })
  await outcomeOf(acting, script.fix)
  await calm(acting)
}

/** Waits until recovery can be judged, and on until no incident is open: its end is a part of what happened. */
async function calm(acting: Acting): Promise<void> {
  const { clock, scope, live } = acting.options
  await clock.sleep(ms(Math.max(LEAST_CALM, paced(acting.scenario, CALM_MINUTES))), scope.signal)
  const atMost = ms(Math.max(LEAST_CLOSING, paced(acting.scenario, CLOSING_MINUTES)))
  const open = await incidentsEnd({ events: acting.events, clock, signal: scope.signal, atMost })
  if (open !== null) live.line(`${open} is still open; the act goes on without its end`, null, 'bad')
}

async function request(
  acting: Acting,
  what: Pick<Facts['release.requested'], 'release' | 'previous' | 'links' | 'overridden'>,
): Promise<void> {
  const { script, clock } = acting.options
  await acting.append([
    fact({ at: clock.now(), source: DEPLOYER }, 'release.requested', {
      ...what,
      steps: STEPS,
      automaticRollback: true,
      replicas: script.replicas,
      poolMaxPerReplica: Math.floor(script.poolTotal / script.replicas),
    }),
  ])
}

/** The event that ended the release, or null when the time for it is over. */
async function outcomeOf(acting: Acting, release: ReleaseId): Promise<LedgerEvent | null> {
  const { clock, scope, script } = acting.options
  const deadline = clock.monotonic() + paced(acting.scenario, script.guardedMinutes)
  while (clock.monotonic() < deadline && !scope.signal.aborted) {
    const end = acting.events.findLast((event) => ended(event, release))
    if (end) return end
    await clock.sleep(POLL, scope.signal)
  }
  return null
}

const ended = (event: LedgerEvent, release: ReleaseId): boolean =>
  (event.type === 'release.rolled-back' || event.type === 'release.promoted' || event.type === 'release.failed') &&
  event.data.release === release
