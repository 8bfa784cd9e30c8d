import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  call,
  type Database,
  eventually,
  launch,
  metricsOf,
  startDatabase,
  startGateway,
  startPayments,
  stopAll,
} from './harness.ts'

const identity = { SERVICE: 'payment-service', RELEASE: '2.3.0' }

describe('a service as a process', () => {
  let database: Database
  beforeAll(async () => {
    database = await startDatabase(1_000)
  })
  afterAll(async () => {
    await stopAll()
    await database.stop()
  })

  it('finishes the request under way on SIGTERM, then ends with 0', async () => {
    const service = await startPayments(database, '2.3.0')
    const unlock = await database.lockPayments()
    const body = { customerId: 1, orderId: 1, amountCents: 100 }
    const underWay = call(`${service.url}/payments`, { method: 'POST', key: randomUUID(), body })
    await eventually('the request is in the database', async () =>
      (await metricsOf(service.url)).includes('connection_state="used"} 1'),
    )
    service.child.kill('SIGTERM')
    await eventually('it stops listening', () =>
      call(`${service.url}/health`).then(
        () => false,
        () => true,
      ),
    )
    await unlock()
    expect((await underWay).status).toBe(201)
    expect(await service.exited).toEqual({ code: 0, signal: null })
    expect(service.log.map((line) => line.message)).toEqual(['stopping', 'stopped'])
  })

  it('cuts a request off that outlasts the grace period, and still ends with 0', async () => {
    const service = await startPayments(database, '2.3.0', { GRACE_MS: '200' })
    const unlock = await database.lockPayments()
    const underWay = call(`${service.url}/payments/pending`).then(
      () => 'answered',
      () => 'cut off',
    )
    await eventually('the request is in the database', async () =>
      (await metricsOf(service.url)).includes('connection_state="used"} 1'),
    )
    service.child.kill('SIGTERM')
    expect(await underWay).toBe('cut off')
    expect(await service.exited).toEqual({ code: 0, signal: null })
    await unlock()
  })

  it('ends by itself when its standard input closes', async () => {
    const gateway = await startGateway()
    const payments = await startPayments(database, '2.3.2')
    for (const { child } of [gateway, payments]) child.stdin?.end()
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    expect(await payments.exited).toEqual({ code: 0, signal: null })
  })

  it.each([
    ['a missing setting', identity, 'config: DATABASE_URL is not set\n'],
    [
      'wrong settings, all of them, but not their values',
      { ...identity, DATABASE_URL: 'mysql://me:secret@host', POOL_MAX: 'many' },
      'config: DATABASE_URL: must start with postgres://; POOL_MAX: Invalid input: expected number, received NaN\n',
    ],
  ])('refuses to start with %s, in one line, and ends with 2', async (_name, env, line) => {
    const { errors, exited } = launch('releases/2.3.0/main.ts', env)
    expect(await exited).toEqual({ code: 2, signal: null })
    expect(errors.join('')).toBe(line)
  })
})
