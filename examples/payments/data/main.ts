/** `node examples/payments/data/main.ts --rows 2000000`, with DATABASE_URL set. */
import { parseArgs } from 'node:util'
import { GenerateError, generate } from './generate.ts'

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '2000000' }, seed: { type: 'string', default: '1' } },
})

async function main(): Promise<void> {
  const connectionString = process.env.DATABASE_URL
  if (connectionString === undefined) throw new GenerateError('DATABASE_URL is not set')
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new GenerateError('interrupted; nothing was loaded')))
  let shown = ''
  const result = await generate({
    connectionString,
    rows: Number(values.rows),
    seed: Number(values.seed),
    signal: abort.signal,
    onProgress: ({ step, share }) => {
      const line = `${step} ${Math.floor(share * 10) * 10} %`
      if (line !== shown) process.stderr.write(`${line}\n`)
      shown = line
    },
  })
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof GenerateError ? error.message : String(error)}\n`)
  process.exitCode = error instanceof GenerateError ? 2 : 1
})
