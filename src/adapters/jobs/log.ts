import { Logger } from 'graphile-worker'

/** Takes one line for operators; never holds a command's data. */
export type Log = (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void

/** Says nothing: what a person must know comes as events. */
export const quiet: Log = () => undefined

/** The same for graphile-worker. */
export const toLogger = (log: Log): Logger => new Logger(() => (level, message) => log(level, message))
