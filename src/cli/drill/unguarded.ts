/** Act 1: the release goes to all replicas at once, and the people do what they did. */
import { connect, destroy, disconnect } from '../../adapters/postgres/watched/client.ts'
import type { ReleaseId } from '../../base/units.ts'
import { type Facts, fact, type Source } from '../../core/events.ts'
import type { Acting } from './acting.ts'
import { playPeople } from './people.ts'
import { poolOf } from './pool.ts'
import { drainQueue } from './retry-queue.ts'

const DEPLOYER: Source = { kind: 'person', name: 'the deployment pipeline' }

/** Plays the record, minute by minute. */
export async function directUnguarded(acting: Acting): Promise<void> {
  const { options, until } = acting
  const { script } = options
  await until(script.deployAt)
  await requestAllAtOnce(acting, { release: script.bad, previous: script.stable, links: script.links })
  await playPeople({
    actions: script.people,
    hands: handsOf(acting),
    clock: options.clock,
    scenario: acting.scenario,
    signal: options.scope.signal,
  })
  await until(script.endAt)
}

/** As the record tells it: no canary, nobody judges, nothing rolls back by itself. */
async function requestAllAtOnce(
  acting: Acting,
  request: { release: ReleaseId; previous: ReleaseId; links: readonly string[] },
): Promise<void> {
  const { script, clock } = acting.options
  const data: Facts['release.requested'] = {
    ...request,
    steps: [100],
    automaticRollback: false,
    replicas: script.replicas,
    poolMaxPerReplica: Math.floor(script.poolTotal / script.replicas),
    overridden: [],
  }
  await acting.append([fact({ at: clock.now(), source: DEPLOYER }, 'release.requested', data)])
}

function handsOf(acting: Acting): Parameters<typeof playPeople>[0]['hands'] {
  const { options, system, append, events, view } = acting
  const { script, clock, scope } = options
  const ensure = (replicas: number, poolMaxPerReplica: number) =>
    system.deployments.ensure(
      { service: script.service, release: script.bad, replicas, poolMaxPerReplica },
      scope.signal,
    )
  let poolTotal = script.poolTotal
  return {
    append,
    incident: () => events.findLast((event) => event.type === 'incident.opened')?.data.incident ?? null,
    buildIndex: (sql) => buildIndex(acting.adminUrl, sql, scope.signal),
    async resizePool(total) {
      poolTotal = total
      await ensure(script.replicas, Math.floor(total / script.replicas))
    },
    async scale(replicas) {
      // As `kubectl scale` does: each new pod brings a whole pool of the configured size.
      await ensure(replicas, Math.floor(poolTotal / script.replicas))
    },
    release: (release) => requestAllAtOnce(acting, { release, previous: script.stable, links: [] }),
    async rollBack(reason, by) {
      await append([fact({ at: clock.now(), source: by }, 'release.abort-requested', { release: script.bad, reason })])
    },
    async decideRollback(reason, by) {
      await append([
        fact({ at: clock.now(), source: by }, 'release.rollback-decided', {
          release: script.bad,
          to: script.stable,
          why: [reason],
        }),
      ])
    },
    drainQueue: () => drainQueue(acting),
    rates(from, to) {
      const { requests, failed } = view.between(from, to)
      if (requests === 0) return null
      const pool = poolOf(acting.control.latest(), script.service)
      return {
        requests,
        errorPercent: (failed / requests) * 100,
        pool: pool ? `${pool.used}/${pool.max}` : 'not measured',
      }
    },
  }
}

/** Builds an index on the running database; a drill that ends first gives it up. */
async function buildIndex(
  url: string,
  sql: string,
  signal: AbortSignal,
): Promise<{ valid: boolean; error: string | null }> {
  const client = await connect({ connectionString: url, applicationName: 'psql (tech lead)', settings: {} })
  const giveUp = () => destroy(client)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    await client.query(sql)
    return { valid: true, error: null }
  } catch (error) {
    return { valid: false, error: error instanceof Error ? error.message : String(error) }
  } finally {
    signal.removeEventListener('abort', giveUp)
    await disconnect(client)
  }
}
