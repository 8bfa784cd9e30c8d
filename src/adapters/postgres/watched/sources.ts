import { type Clock, type DurationMs, seconds } from '../../../base/time.ts'
import type { Sources } from '../../../core/watch/ports.ts'
import type { DatabaseSample, ServiceSample } from '../../../core/watch/samples.ts'

/** Something that measures services. It names what it could not reach instead of failing. */
export interface ServicePart {
  sample(signal: AbortSignal): Promise<{
    readonly samples: readonly ServiceSample[]
    readonly missing: readonly string[]
  }>
}

/** Something that looks at a database server. It names what it could not reach instead of failing. */
export interface DatabasePart {
  sample(signal: AbortSignal): Promise<{
    readonly sample: DatabaseSample | null
    readonly missing: readonly string[]
  }>
}

/** What is looked at in each tick. */
export interface SourcesOptions {
  readonly service: ServicePart
  readonly database: DatabasePart
  readonly clock: Clock
  /** Of each source, beyond the deadlines that it has itself. Default 4 s. */
  readonly deadline?: DurationMs
}

const DEFAULT_DEADLINE = seconds(4)

type Part = { readonly missing: readonly string[] }

/** All that one tick looks at. The sources look at the same time, and one that is late or fails does not hold the other up. */
export function createSources(options: SourcesOptions): Sources {
  const { clock, deadline = DEFAULT_DEADLINE } = options

  /** `nothing` with the reason when the source is late or fails. */
  const within = async <T extends Part>(
    source: { readonly name: string; sample(signal: AbortSignal): Promise<T> },
    nothing: T,
    signal: AbortSignal,
  ): Promise<T> => {
    const done = new AbortController()
    const waiting = AbortSignal.any([signal, done.signal])
    const failed = (reason: string): T => ({ ...nothing, missing: [`${source.name}: ${reason}`] })
    const late = new AbortController()
    const timer = clock.sleep(deadline, waiting).then(() => {
      late.abort()
      return failed(signal.aborted ? 'the look was called off' : `no answer within ${deadline / 1000} s`)
    })
    const answer = source
      .sample(AbortSignal.any([signal, late.signal]))
      .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)))
    const first = await Promise.race([answer, timer])
    done.abort()
    return first
  }

  return {
    async observe(signal) {
      const [service, database] = await Promise.all([
        within({ name: 'services', sample: (of) => options.service.sample(of) }, { samples: [], missing: [] }, signal),
        within(
          { name: 'database', sample: (of) => options.database.sample(of) },
          { sample: null, missing: [] },
          signal,
        ),
      ])
      return {
        at: clock.now(),
        services: service.samples,
        database: database.sample,
        missing: [...service.missing, ...database.missing],
      }
    },
  }
}
