import type { Command } from '../../core/commands.ts'
import type { Stream } from '../../core/events.ts'

export const COMMAND_TASK = 'premortem.command'

/**
 * Starts of one job at most. The engine gives up long before (it writes `command.failed`, and the job ends well); this
 * only keeps a job that can never be taken from being started for ever.
 */
const JOB_MAX_ATTEMPTS = 1_000

/** The payload of a job. */
export interface CommandJob {
  readonly stream: Stream
  readonly command: Command
}

/**
 * The statements that put commands into graphile-worker's queue, for the transaction of their decision. The commands of
 * one service are carried out one at a time. A timer is in no queue: it must neither wait for a command that takes
 * minutes nor hold one up. After a failed attempt the next command of the service may go first: what depends on an
 * outcome waits for `command.succeeded`.
 */
export function enqueueCommands(
  stream: Stream,
  commands: readonly Command[],
): readonly { readonly text: string; readonly values: readonly unknown[] }[] {
  return commands.map((command) => {
    const job: CommandJob = { stream: { environment: stream.environment, service: stream.service }, command }
    const timer = command.type === 'timer.set'
    return {
      text: `select graphile_worker.add_job(
        identifier => $1::text, payload => $2::json, queue_name => $3::text, run_at => $4::timestamptz,
        max_attempts => $5::int, job_key => $6::text)`,
      values: [
        COMMAND_TASK,
        JSON.stringify(job),
        timer ? null : `service:${stream.environment}/${stream.service}`,
        timer ? new Date(command.data.at).toISOString() : null,
        JOB_MAX_ATTEMPTS,
        `${stream.environment}/${stream.service} ${command.key}`,
      ],
    }
  })
}
