/** The notification-service: confirms payments. A payment that is delayed is confirmed late. */
import { Histogram } from 'prom-client'
import { readConfig, STORING_SETTINGS, type StoringConfig } from '../shared/config.ts'
import { openDatabase } from '../shared/database.ts'
import { createApp } from '../shared/http.ts'
import { drain, type Running, runService, urlOf } from '../shared/lifecycle.ts'
import { type Log, messageOf } from '../shared/log.ts'
import { createHttpMetrics } from '../shared/metrics.ts'
import { BATCH, outboxState, sendConfirmations } from './outbox.ts'

const DEFAULT_QUERY_TIMEOUT_MS = 5_000
/** How often the outbox is looked at, milliseconds. */
const POLL_MS = 500
/** Upper bounds of the delay from order to confirmation, seconds. */
const DELAY_BOUNDS_SECONDS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800]

/** Runs `work` again and again with a pause, until stopped; `work` says whether to go on without one. */
function repeat(work: () => Promise<boolean>, pauseMs: number): { stop(): Promise<void> } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> = Promise.resolve()
  const turn = async () => {
    const more = await work()
    if (!stopped) schedule(more ? 0 : pauseMs)
  }
  const schedule = (afterMs: number) => {
    timer = setTimeout(() => {
      underWay = turn()
    }, afterMs)
  }
  schedule(pauseMs)
  return {
    stop: () => {
      stopped = true
      clearTimeout(timer)
      return underWay
    },
  }
}

async function start(config: StoringConfig, log: Log): Promise<Running> {
  const metrics = createHttpMetrics()
  const delay = new Histogram({
    name: 'notification_delay_seconds',
    help: 'Time from an order to the confirmation of its payment.',
    buckets: DELAY_BOUNDS_SECONDS,
    registers: [metrics.registry],
  })
  const { query, close } = openDatabase({
    config,
    metrics,
    queryTimeoutMs: config.QUERY_TIMEOUT_MS ?? DEFAULT_QUERY_TIMEOUT_MS,
    onConnectionError: (error) => log.error('Database connection lost', { reason: error.message }),
  })
  const app = createApp({ config, log, metrics })
  app.get('/outbox', () => outboxState(query))
  await app.listen({ host: config.HOST, port: config.PORT })
  const sendBatch = async () => {
    try {
      const delays = await sendConfirmations(query)
      for (const seconds of delays) delay.observe(seconds)
      return delays.length === BATCH
    } catch (error) {
      log.error('Confirmations not sent', { reason: messageOf(error) })
      return false
    }
  }
  const sending = repeat(sendBatch, POLL_MS)
  return {
    url: urlOf(app.server, config.HOST),
    stop: async (graceMs) => {
      await Promise.all([sending.stop(), drain(app.server, () => app.close(), graceMs)])
      await close()
    },
  }
}

runService({ configure: (env) => readConfig(STORING_SETTINGS, env), start })
