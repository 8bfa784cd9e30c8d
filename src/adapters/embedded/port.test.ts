import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { freePort, holderOfPort, isFree, listeningInodes, onFreePort } from './port.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24680 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1538 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 13579 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11111 1 0000000000000000 100 0 0 10 0
`

describe('the holder of a port', () => {
  it('is looked for among listening sockets, not among connections to the port', () => {
    expect(listeningInodes(TABLE, 0x1538)).toEqual(['24680'])
    expect(listeningInodes(TABLE, 0x0016)).toEqual(['11111'])
    expect(listeningInodes(TABLE, 0x0017)).toEqual([])
  })

  it('is this process for a port that it listens on, and nobody once it stopped', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(holderOfPort(port)).toMatchObject({ pid: process.pid, command: expect.stringContaining('node') })
    expect(await isFree(port)).toBe(false)
    await new Promise((resolve) => server.close(resolve))
    expect(holderOfPort(port)).toBeUndefined()
    expect(await isFree(port)).toBe(true)
  })
})

describe('a free port', () => {
  it('can be listened on', async () => {
    expect(await isFree(await freePort())).toBe(true)
  })

  it('is looked for again when another process was faster', async () => {
    const ports = [5001, 5002, 5003]
    const choose = async () => ports.shift() ?? 0
    const use = async (port: number) => (port < 5003 ? 'taken' : 'used')
    expect(await onFreePort(use, (answer) => answer === 'taken', choose)).toEqual({ port: 5003, answer: 'used' })
  })

  it('is given up after five that were all taken', async () => {
    const tried: number[] = []
    const use = async (port: number) => tried.push(port)
    const choose = async () => 5000 + tried.length
    expect(await onFreePort(use, () => true, choose)).toEqual({ port: 5004, answer: 5 })
    expect(tried).toEqual([5000, 5001, 5002, 5003, 5004])
  })
})
