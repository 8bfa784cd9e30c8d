/** Where a deployment tells the gateway which replicas exist and what share each release gets. */
import type { FastifyInstance } from 'fastify'
import { MAX_REPLICAS, type Replica, type Upstreams, type Weight } from './upstreams.ts'

const name = { type: 'string', minLength: 1, maxLength: 63 } as const
const serviceParams = {
  type: 'object',
  required: ['service'],
  properties: { service: { enum: ['order-service', 'payment-service'] } },
} as const
const change = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    replicas: {
      type: 'array',
      maxItems: MAX_REPLICAS,
      items: {
        type: 'object',
        required: ['id', 'release', 'url'],
        properties: { id: { ...name, maxLength: 200 }, release: name, url: { type: 'string', pattern: '^http://' } },
      },
    },
    weights: {
      type: 'array',
      maxItems: MAX_REPLICAS,
      items: {
        type: 'object',
        required: ['release', 'weight'],
        properties: { release: name, weight: { type: 'number', minimum: 0, maximum: 1_000_000 } },
      },
    },
  },
} as const

interface Change {
  readonly replicas?: readonly Replica[]
  readonly weights?: readonly Weight[]
}

/** Adds the routes to the gateway's admin application. */
export function addAdminRoutes(app: FastifyInstance, upstreams: Upstreams): void {
  app.put<{ Params: { service: string }; Body: Change }>(
    '/services/:service',
    { schema: { params: serviceParams, body: change } },
    async (request) => {
      const { replicas, weights } = request.body
      upstreams.set(request.params.service, { ...(replicas && { replicas }), ...(weights && { weights }) })
      return upstreams.list().find((view) => view.service === request.params.service)
    },
  )
  app.get('/services', async () => upstreams.list())
}
