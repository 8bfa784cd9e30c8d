/** The gateway: the one address that clients know. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { GATEWAY_SETTINGS, type GatewayConfig, readConfig } from '../shared/config.ts'
import { createApp } from '../shared/http.ts'
import { drain, type Running, runService, urlOf } from '../shared/lifecycle.ts'
import type { Log } from '../shared/log.ts'
import { createHttpMetrics } from '../shared/metrics.ts'
import { addAdminRoutes } from './admin.ts'
import { createForwarder } from './forward.ts'
import { createProxy } from './proxy.ts'
import { createUpstreams } from './upstreams.ts'

async function start(config: GatewayConfig, log: Log): Promise<Running> {
  const metrics = createHttpMetrics()
  const upstreams = createUpstreams(Date.now)
  const forwarder = createForwarder()
  const server = createServer(createProxy({ config, upstreams, forwarder, metrics, log }))
  const admin = createApp({ config, log, metrics, measured: false })
  addAdminRoutes(admin, upstreams)
  server.listen(config.PORT, config.HOST)
  await once(server, 'listening')
  await admin.listen({ host: config.HOST, port: config.ADMIN_PORT })
  const close = () => new Promise((resolve) => server.close(resolve))
  return {
    url: urlOf(server, config.HOST),
    adminUrl: urlOf(admin.server, config.HOST),
    stop: async (graceMs) => {
      await drain(server, close, graceMs)
      forwarder.close()
      await drain(admin.server, () => admin.close(), graceMs)
    },
  }
}

runService({ configure: (env) => readConfig(GATEWAY_SETTINGS, env), start })
