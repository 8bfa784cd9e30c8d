/** Drives the release decider by hand: gives it events, remembers what it asked for. */
import { minutes } from '../../src/base/time.ts'
import { type ReleaseId, releaseId } from '../../src/base/units.ts'
import type { Command, CommandOf, CommandType } from '../../src/core/commands.ts'
import type { Facts, FactType, LedgerEvent, NewEvent } from '../../src/core/events.ts'
import { releaseDecider } from '../../src/core/release/decide.ts'
import { DEFAULT_POLICY, type ReleasePolicy } from '../../src/core/release/policy.ts'
import type { ReleaseState } from '../../src/core/release/state.ts'
import { at, BAD, GOOD, ledger, START } from './observe.ts'

export const FIX = releaseId('2.3.2')

export const request = (changed: Partial<Facts['release.requested']> = {}): Facts['release.requested'] => ({
  release: BAD,
  previous: GOOD,
  steps: [10, 50, 100],
  automaticRollback: true,
  replicas: 4,
  poolMaxPerReplica: 25,
  overridden: [],
  links: [],
  ...changed,
})

export const weightOf = (command: Command, release = BAD) =>
  command.type === 'weights.set' ? command.data.weights.find((one) => one.release === release)?.weight : undefined

export function releaseBench(policy: ReleasePolicy = DEFAULT_POLICY) {
  const decider = releaseDecider(policy)
  const event = ledger()
  const commands: Command[] = []
  const facts: NewEvent[] = []
  const why: string[] = []
  let state: ReleaseState = decider.initial
  let second = 0

  /** A look-alike of the engine: facts go back in; what is kept must survive JSON. */
  const feed = (one: LedgerEvent): readonly Command[] => {
    const decision = decider.decide(state, one)
    state = JSON.parse(JSON.stringify(decision.state))
    commands.push(...decision.commands)
    facts.push(...decision.facts)
    why.push(...decision.why)
    for (const fact of decision.facts) feed(event((fact.at - START) / 1000, fact.type, fact.data as never))
    return decision.commands
  }
  const give = <T extends FactType>(type: T, data: Facts[T]) => feed(event(second, type, data))
  const ends = {
    succeed: (command: Command) => give('command.succeeded', { key: command.key, command: command.type }),
    fail: (command: Command, error = 'it broke') =>
      give('command.failed', { key: command.key, command: command.type, error, attempts: 3 }),
    /** The newest command of a kind. */
    last: <T extends CommandType>(type: T): CommandOf<T> => newestOf(commands, type),
    succeedLast: (type: CommandType) => ends.succeed(newestOf(commands, type)),
  }
  const judge = (verdict: Facts['release.judged']['verdict'], release: ReleaseId = BAD) =>
    give('release.judged', { release, verdict, rule: 'test', why: [`${verdict} by test`] })
  const pass = (duration: number) => {
    second += duration / 1000
  }
  return {
    ...ends,
    commands,
    facts,
    why,
    feed,
    give,
    event,
    judge,
    pass,
    state: () => state,
    now: () => at(second),
    ask: (changed: Partial<Facts['release.requested']> = {}) => give('release.requested', request(changed)),
    types: () => commands.map((command) => command.type),
    /** Migrations, replicas and weights of the present step, all well; ends in holding. */
    toHolding: () => {
      const watched = () => state.phase === 'holding' || state.phase === 'promoted'
      for (let turn = 0; turn < 4 && !watched(); turn++) ends.succeed(newestWork(commands))
    },
    /** A step's time goes by and the judge passes it. */
    passStep: (release: ReleaseId = BAD) => {
      pass(minutes(31))
      judge('pass', release)
      if (state.phase === 'holding') give('timer.elapsed', { timer: state.hold.name })
    },
  }
}

function newestWork(commands: readonly Command[]): Command {
  const work = commands.filter((command) => command.type !== 'timer.set').at(-1)
  if (work === undefined) throw new Error('nothing was asked for')
  return work
}

function newestOf<T extends CommandType>(commands: readonly Command[], type: T): CommandOf<T> {
  const found = commands.filter((command): command is CommandOf<T> => command.type === type).at(-1)
  if (found === undefined) throw new Error(`no ${type} was asked for`)
  return found
}

export const factTypes = (facts: readonly NewEvent[]): readonly string[] => facts.map((one) => one.type)
