/** Stops a short command in order on Ctrl-C. */
import { Interrupted } from './scope.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Listens until released. The first signal aborts; a second one leaves at once. */
export function onSignals(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const listener = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new Interrupted(name))
  }
  for (const name of SIGNALS) process.on(name, listener)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, listener)
    },
  }
}
