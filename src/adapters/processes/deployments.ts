import { Problem } from '../../base/problem.ts'
import type { Clock, DurationMs } from '../../base/time.ts'
import type { ReleaseId, ServiceName } from '../../base/units.ts'
import type { Deployments, Replica, ReplicaSet } from '../../core/release/ports.ts'
import { type Exit, type Launch, type RunningProcess, startProcess } from './start-process.ts'

/** A replica that ended by itself, and how. */
export interface ReplicaExit extends Exit {
  readonly replica: Replica
}

/** How replicas are run, and who is told of what happens to them. */
export interface DeploymentsOptions {
  /** How a replica of a set is run; replicas of a release are numbered from 1 and no number is used twice. */
  readonly launch: (set: ReplicaSet, replicaNumber: number) => Launch
  readonly clock: Clock
  readonly logFolder: string
  /** A replica ended although nobody asked it to; it is no longer listed. */
  readonly onExit: (exit: ReplicaExit) => void
  /**
   * Tells which replicas of a service may be used from now on, and is awaited before any that is left out is ended:
   * the place to tell the router, so that nothing is sent to a replica that goes.
   */
  readonly onChange?: (service: ServiceName, replicas: readonly Replica[]) => Promise<void>
  /** Default 20 s. */
  readonly healthyWithin?: DurationMs
  /** From SIGTERM to SIGKILL. Default 10 s. */
  readonly stopWithin?: DurationMs
}

/** Deployments that are child processes of this one. */
export interface ProcessDeployments extends Deployments {
  /**
   * Ends all replicas of all services, also those being started; nothing can be started afterwards.
   * @param within from SIGTERM to SIGKILL, also for those that are on their way out; default: `stopWithin`
   */
  stopAll(within?: DurationMs): Promise<void>
}

/** Replicas of one release; a wish for more is refused. */
export const MAX_REPLICAS = 64
/** Replicas started at the same time: starting is work for the processor, which the others need. */
const STARTS_AT_ONCE = 4

interface Member {
  readonly replica: Replica
  readonly poolMax: number
  readonly process: RunningProcess
  /** Asked to end: its exit is no surprise. */
  leaving: boolean
}

/** The replicas of one release of one service. Its changes run one after the other. */
class ReleaseGroup {
  readonly members: Member[] = []
  /** Those on their way out too. */
  private readonly running = new Set<RunningProcess>()
  private started = 0
  private work: Promise<unknown> = Promise.resolve()
  private abort = new AbortController()
  private readonly options: DeploymentsOptions
  private readonly announce: () => Promise<void>

  constructor(options: DeploymentsOptions, announce: () => Promise<void>) {
    this.options = options
    this.announce = announce
  }

  ensure(set: ReplicaSet, signal: AbortSignal): Promise<readonly Replica[]> {
    const both = AbortSignal.any([signal, this.abort.signal])
    return this.inTurn(async () => {
      await this.bringTo(set, both)
      return this.members.map(({ replica }) => replica)
    })
  }

  /** Ends all; what is being started is given up first. */
  async removeAll(): Promise<number> {
    this.abort.abort(new Error('the release is being removed'))
    this.abort = new AbortController()
    return this.inTurn(async () => {
      const leaving = [...this.members]
      await this.end(leaving)
      return leaving.length
    })
  }

  /** As `removeAll`, but nobody gets more time than `within`, whatever is under way. */
  hurry(within: DurationMs): Promise<unknown> {
    for (const member of this.members) member.leaving = true
    const ends = [...this.running].map((process) => process.stop(within))
    return Promise.all([this.removeAll(), ...ends])
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.work.then(work)
    // Who asked hears of a failure; the next in turn is not held up by it.
    this.work = next.catch(() => undefined)
    return next
  }

  private async bringTo(set: ReplicaSet, signal: AbortSignal): Promise<void> {
    const fits = (member: Member) => member.poolMax === set.poolMaxPerReplica
    const surplus = this.members.length - set.replicas
    const stalest = [...this.members].sort((a, b) => Number(fits(a)) - Number(fits(b)))
    if (surplus > 0) await this.end(stalest.slice(0, surplus))
    await this.startSome(set, set.replicas - this.members.length, signal)
    // One more than wanted serves at a time, so that a change of pool size takes no capacity away. As in Kubernetes, the
    // next one does not wait for the grace of those that are on their way out.
    const leaving: Promise<void>[] = []
    try {
      for (const stale of this.members.filter((member) => !fits(member))) {
        await this.startSome(set, 1, signal)
        leaving.push(this.end([stale]))
      }
    } finally {
      await Promise.all(leaving)
    }
  }

  private async startSome(set: ReplicaSet, count: number, signal: AbortSignal): Promise<void> {
    for (let left = count; left > 0; left -= STARTS_AT_ONCE) {
      const starts = Array.from({ length: Math.min(left, STARTS_AT_ONCE) }, () => this.start(set, signal))
      const outcomes = await Promise.allSettled(starts)
      await this.announce()
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    }
  }

  private async start(set: ReplicaSet, signal: AbortSignal): Promise<void> {
    const { options } = this
    this.started += 1
    const number = this.started
    const id = `${set.service}@${set.release}-${number}`
    const running = await startProcess({
      ...options.launch(set, number),
      name: id,
      logFolder: options.logFolder,
      clock: options.clock,
      signal,
      healthyWithin: options.healthyWithin,
      stopWithin: options.stopWithin,
    })
    const replica: Replica = { id, service: set.service, release: set.release, url: running.url, pid: running.pid }
    const member: Member = { replica, poolMax: set.poolMaxPerReplica, process: running, leaving: false }
    this.members.push(member)
    this.running.add(running)
    running.exited.then((exit) => {
      this.running.delete(running)
      this.drop(member)
      if (!member.leaving) options.onExit({ replica, ...exit })
    })
  }

  private async end(leaving: readonly Member[]): Promise<void> {
    if (leaving.length === 0) return
    for (const member of leaving) {
      member.leaving = true
      this.drop(member)
    }
    // The processes go even when nobody could be told; that failure is reported afterwards.
    const told = await Promise.allSettled([this.announce()])
    await Promise.all(leaving.map((member) => member.process.stop()))
    for (const outcome of told) if (outcome.status === 'rejected') throw outcome.reason
  }

  private drop(member: Member): void {
    const index = this.members.indexOf(member)
    if (index !== -1) this.members.splice(index, 1)
  }
}

class LocalDeployments implements ProcessDeployments {
  private readonly groups = new Map<string, { readonly service: ServiceName; readonly group: ReleaseGroup }>()
  private readonly options: DeploymentsOptions
  private closed = false

  constructor(options: DeploymentsOptions) {
    this.options = options
  }

  async ensure(set: ReplicaSet, signal: AbortSignal): Promise<readonly Replica[]> {
    if (!Number.isInteger(set.replicas) || set.replicas < 0 || set.replicas > MAX_REPLICAS) {
      throw new Problem({
        code: 'bad-replica-count',
        what: `${set.replicas} replicas of ${set.service} ${set.release} were asked for; 0 to ${MAX_REPLICAS} can be run.`,
        remedy: `Ask for a whole number from 0 to ${MAX_REPLICAS}.`,
      })
    }
    if (this.closed) throw new Error('the deployments are being shut down')
    return this.group(set.service, set.release).ensure(set, signal)
  }

  remove(service: ServiceName, release: ReleaseId): Promise<number> {
    return this.group(service, release).removeAll()
  }

  list(): readonly Replica[] {
    return [...this.groups.values()].flatMap(({ group }) => group.members.map(({ replica }) => replica))
  }

  async stopAll(within?: DurationMs): Promise<void> {
    this.closed = true
    const end = (group: ReleaseGroup) => (within === undefined ? group.removeAll() : group.hurry(within))
    const outcomes = await Promise.allSettled([...this.groups.values()].map(({ group }) => end(group)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  private group(service: ServiceName, release: ReleaseId): ReleaseGroup {
    const key = `${service}@${release}`
    const known = this.groups.get(key)
    if (known !== undefined) return known.group
    const announce = async () => {
      const replicas = this.list().filter((replica) => replica.service === service)
      await this.options.onChange?.(service, replicas)
    }
    const group = new ReleaseGroup(this.options, announce)
    this.groups.set(key, { service, group })
    return group
  }
}

/** Runs the replicas of services as processes of this machine. */
export const createDeployments = (options: DeploymentsOptions): ProcessDeployments => new LocalDeployments(options)
