import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type HttpCall, type HttpClient, httpClient } from '../../src/adapters/load/http-client.ts'
import { operationAnswer } from '../../src/adapters/load/http-operation.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

const get: HttpCall = { method: 'GET', path: '/', signal: new AbortController().signal, read: 'json' }

async function serve(listener: RequestListener, maxSockets?: number) {
  const server = createServer(listener)
  open.push({ close: () => server.closeAllConnections() }, server)
  return { server, client: await clientOf(server, maxSockets) }
}

async function clientOf(server: Server, maxSockets?: number): Promise<HttpClient> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  const client = httpClient({
    baseUrl: `http://127.0.0.1:${address.port}`,
    ...(maxSockets === undefined ? {} : { maxSockets }),
  })
  open.push(client)
  return client
}

describe('the HTTP client of the load', () => {
  it('sends JSON with its headers and returns status, headers and the parsed answer', async () => {
    const { client } = await serve((incoming, outgoing) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const got = { method: incoming.method, url: incoming.url, key: incoming.headers['idempotency-key'] }
        outgoing.writeHead(201, { 'x-served-by': 'shop@1.0.0' })
        outgoing.end(JSON.stringify({ ...got, body: JSON.parse(Buffer.concat(chunks).toString()) }))
      })
    })
    const answer = await client.call({
      ...get,
      method: 'POST',
      path: '/orders?x=1',
      headers: { 'idempotency-key': 'k1' },
      body: { name: 'Zoë' },
    })
    expect(answer).toMatchObject({
      status: 201,
      error: null,
      body: { method: 'POST', url: '/orders?x=1', key: 'k1', body: { name: 'Zoë' } },
    })
    expect(operationAnswer(answer)).toEqual({ status: 201, result: 'ok', servedBy: 'shop@1.0.0', error: null })
  })

  it.each([
    [503, 'failed', 'http 503'],
    [404, 'failed', 'http 404'],
    [202, 'delayed', null],
    [200, 'ok', null],
  ] as const)('counts %i as %s', async (status, result, error) => {
    const { client } = await serve((_, outgoing) => outgoing.writeHead(status).end('{}'))
    expect(operationAnswer(await client.call(get))).toEqual({ status, result, servedBy: null, error })
  })

  it('ends with "timeout" when its signal is aborted, and destroys the socket', async () => {
    const closed = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const { client } = await serve((incoming) => {
      incoming.socket.on('close', () => closed.resolve())
      asked.resolve()
    })
    const abort = new AbortController()
    const answer = client.call({ ...get, signal: abort.signal })
    await asked.promise
    abort.abort()
    expect(await answer).toMatchObject({ status: null, error: 'timeout' })
    await closed.promise
    expect(await client.call({ ...get, signal: abort.signal })).toMatchObject({ status: null, error: 'timeout' })
  })

  it('ends with "timeout" when its signal is aborted in the middle of the answer', async () => {
    const { client } = await serve((_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': 100 })
      outgoing.write('half')
    })
    const abort = new AbortController()
    const answer = client.call({ ...get, signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    expect(await answer).toMatchObject({ status: null, error: 'timeout' })
  })

  it('says "refused" when nobody listens', async () => {
    const { client, server } = await serve(() => undefined)
    await new Promise((resolve) => server.close(resolve))
    expect(await client.call(get)).toMatchObject({ status: null, error: 'refused' })
  })

  it.each([
    ['before the answer', ''],
    ['inside the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
  ])('says "reset" when the connection breaks %s', async (_, sent) => {
    const server = createTcpServer((socket: Socket) => {
      socket.once('data', () => socket.end(sent, () => socket.destroy()))
    })
    open.push(server)
    expect(await (await clientOf(server)).call(get)).toMatchObject({ status: null, error: 'reset' })
  })

  it('drains a large answer that it was not asked to read, and uses the connection again', async () => {
    const connections = new Set<unknown>()
    const { client } = await serve((incoming, outgoing) => {
      connections.add(incoming.socket)
      outgoing.end(Buffer.alloc(3_000_000, 'x'))
    })
    for (let call = 0; call < 3; call++) {
      expect(await client.call({ ...get, read: 'drain' })).toMatchObject({ status: 200, error: null, body: null })
    }
    expect(connections.size).toBe(1)
  })

  it('reports a JSON answer over its limit, and one that is no JSON, as errors', async () => {
    const { client } = await serve((incoming, outgoing) =>
      outgoing.end(incoming.url === '/long' ? JSON.stringify('x'.repeat(200)) : '<html>'),
    )
    expect(await client.call({ ...get, path: '/long', maxBodyBytes: 100 })).toMatchObject({
      status: 200,
      body: null,
      error: 'body over 100 bytes',
    })
    expect(await client.call(get)).toMatchObject({ status: 200, body: null, error: 'not JSON' })
  })

  it('opens no more connections than it may', async () => {
    let now = 0
    let most = 0
    const { client } = await serve((_, outgoing) => {
      most = Math.max(most, ++now)
      setTimeout(() => {
        now--
        outgoing.end('{}')
      }, 20)
    }, 2)
    await Promise.all(Array.from({ length: 10 }, () => client.call(get)))
    expect(most).toBe(2)
  })

  it.each(['127.0.0.1:8080', 'https://example.org', ''])('refuses "%s" as an address', (baseUrl) => {
    expect(() => httpClient({ baseUrl })).toThrow(expect.objectContaining({ code: 'invalid-address' }))
  })
})
