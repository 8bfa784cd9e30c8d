/**
 * A trivial HTTP server in a process of its own, so that it has a core to itself. Prints its port.
 * With two arguments it stalls: requests that arrive from so many milliseconds after the first one on, for so many
 * milliseconds, are all answered at the end of that time.
 */
import { createServer } from 'node:http'

const [stallAt = Number.POSITIVE_INFINITY, stallFor = 0] = process.argv.slice(2).map(Number)
const body = Buffer.from('{"ok":true}')
let first: number | null = null

const server = createServer((incoming, outgoing) => {
  incoming.resume()
  const now = performance.now()
  first ??= now
  const since = now - first
  const answer = () => {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    outgoing.end(body)
  }
  if (since >= stallAt && since < stallAt + stallFor) setTimeout(answer, stallAt + stallFor - since)
  else answer()
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address) process.stdout.write(`${address.port}\n`)
})
// The parent ends it by closing its standard input: nothing is left running when the parent is killed.
process.stdin.resume().on('end', () => process.exit(0))
