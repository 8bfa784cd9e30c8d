/** Carries out what the release decider asks for, through the ports of the release stage. */
import type { Clock } from '../base/time.ts'
import type { CommandHandlers } from '../core/commands.ts'
import { fact, type Source, type Stream } from '../core/events.ts'
import type { Deployments, Migrations, TrafficRouter } from '../core/release/ports.ts'

const PLATFORM: Source = { kind: 'platform', name: 'deployments' }
const DATABASE: Source = { kind: 'postgres', name: 'migrations' }

export interface ReleasePorts {
  readonly deployments: Deployments
  readonly router: TrafficRouter
  readonly migrations: Migrations
  readonly clock: Clock
}

/** Handlers for everything but timers, which the engine keeps itself. Each is safe to repeat. */
export function releaseHandlers(ports: ReleasePorts): Omit<CommandHandlers, 'timer.set'> {
  const { deployments, router, migrations, clock } = ports
  const reachable = (stream: Stream) => deployments.list().filter((replica) => replica.service === stream.service)
  return {
    'migrations.apply': async (command, _stream, signal) => {
      const statements = await migrations.apply(command.data.release, signal)
      return statements.map((statement) => fact({ at: clock.now(), source: DATABASE }, 'migration.applied', statement))
    },
    'replicas.start': async (command, stream, signal) => {
      const { release, replicas, poolMaxPerReplica } = command.data
      await deployments.ensure({ service: stream.service, release, replicas, poolMaxPerReplica }, signal)
      await router.setReplicas(stream.service, reachable(stream))
      return [fact({ at: clock.now(), source: PLATFORM }, 'replicas.started', { release, replicas, poolMaxPerReplica })]
    },
    'weights.set': async (command, stream) => {
      await router.setWeights(stream.service, command.data.weights)
      return [fact({ at: clock.now(), source: PLATFORM }, 'weights.set', command.data)]
    },
    'replicas.stop': async (command, stream) => {
      const { release } = command.data
      await router.setReplicas(
        stream.service,
        reachable(stream).filter((replica) => replica.release !== release),
      )
      const stopped = await deployments.remove(stream.service, release)
      return [fact({ at: clock.now(), source: PLATFORM }, 'replicas.stopped', { release, replicas: stopped })]
    },
  }
}
