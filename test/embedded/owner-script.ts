// Owns an embedded server until it is killed: `node owner-script.ts '<EmbeddedOptions as JSON>'`.

import { type EmbeddedOptions, startEmbedded } from '../../src/adapters/embedded/server.ts'
import { Problem } from '../../src/base/problem.ts'

const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`)
const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedOptions & { readonly stopOnInterrupt?: boolean }

try {
  const server = await startEmbedded({ ...options, onProgress: (progress) => say({ progress }) })
  const { pid, port, dataDirectory } = server
  if (options.stopOnInterrupt === true) process.once('SIGINT', () => server.stop())
  say({ started: { pid, port, url: server.connectionString(), data: dataDirectory } })
  await server.exited
} catch (error) {
  if (!(error instanceof Problem)) throw error
  say({ problem: { code: error.code, message: error.message } })
}
