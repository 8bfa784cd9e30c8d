import { Logger } from 'graphile-worker'

export type Log = (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void

/** Says nothing: what a person must know comes as events. */
export const quiet: Log = () => undefined

export const toLogger = (log: Log): Logger => new Logger(() => (level, message) => log(level, message))
