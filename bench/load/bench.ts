/**
 * The load generator against autocannon, on the same server and the same machine, in one run:
 * how fast it can send, and what it says about a server that stalls. Writes RESULTS.md beside itself.
 * Run: npm exec -- node bench/load/bench.ts (five minutes; it downloads autocannon)
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { decodeHistogram } from '../../src/adapters/load/histogram.ts'
import { type Cannon, type CannonResult, installAutocannon } from './autocannon.ts'
import { type Highest, highestRate, MAX_SEND_LAG_MS, noiseOfTheMachine, runOurs } from './ours.ts'

const ROUNDS = 3
const CANNON_CONNECTIONS = [10, 50, 100]
const CANNON_SECONDS = 5
const RUN_MS = 30_000
const STALL_AT_MS = 12_000
const STALL_MS = 5000
const STALL_RATE = 200
const MIN_RATIO = 0.5
const PERCENTS = [90, 95, 99, 99.9]

const say = (line: string) => process.stdout.write(`${line}\n`)

async function withServer<T>(args: readonly number[], use: (url: string) => Promise<T>): Promise<T> {
  const script = fileURLToPath(new URL('server.ts', import.meta.url))
  const child = spawn(process.execPath, [script, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const [port] = await once(child.stdout, 'data')
    return await use(`http://127.0.0.1:${String(port).trim()}`)
  } finally {
    child.stdin.end()
    await once(child, 'exit')
  }
}

interface Speed {
  readonly ours: Highest
  readonly cannon: number
  /** The worse of before and after. When it is over the limit the machine was too busy to measure anything. */
  readonly noise: number
}

async function compareSpeed(cannon: Cannon): Promise<Speed> {
  const before = await noiseOfTheMachine()
  say(`  the machine alone: send lag p99 ${before.toFixed(2)} ms`)
  const ours = await withServer([], (url) => highestRate(url, say))
  let best = 0
  for (const connections of CANNON_CONNECTIONS) {
    const result = await withServer([], (url) => cannon.run({ url, connections, seconds: CANNON_SECONDS }))
    const rate = Math.round(result.requests.total / result.duration)
    say(`  autocannon, ${connections} connections: ${rate}/s`)
    best = Math.max(best, rate)
  }
  return { ours, cannon: best, noise: Math.max(before, await noiseOfTheMachine()) }
}

interface Stall {
  readonly rows: readonly { readonly percent: number; readonly expected: number; readonly ours: number }[]
  readonly cannon: CannonResult
}

async function compareStall(cannon: Cannon): Promise<Stall> {
  const stall = [STALL_AT_MS, STALL_MS]
  const ours = await withServer(stall, (url) => runOurs({ url, rate: STALL_RATE, runMs: RUN_MS, arrivals: 'even' }))
  if (ours.failed + ours.dropped > 0)
    throw new Error(`${ours.failed + ours.dropped} requests failed: not a measurement`)
  const latency = decodeHistogram(ours.histogram)
  const closed = await withServer(stall, (url) => cannon.run({ url, connections: 10, seconds: RUN_MS / 1000 }))
  return {
    cannon: closed,
    rows: PERCENTS.map((percent) => ({
      percent,
      expected: STALL_MS - RUN_MS * (1 - percent / 100),
      ours: latency.at(percent),
    })),
  }
}

function report(of: { readonly version: string; readonly speeds: readonly Speed[]; readonly stall: Stall }): string {
  const { latency } = of.stall.cannon
  const cannonAt = (percent: number) =>
    percent === 90 ? latency.p90 : percent === 99 ? latency.p99 : percent === 99.9 ? latency.p99_9 : null
  const inSeconds = (value: number | null) => (value === null ? 'not reported' : `${(value / 1000).toFixed(3)} s`)
  const valid = of.speeds.filter(({ noise }) => noise <= MAX_SEND_LAG_MS)
  const ratios = valid.map(({ ours, cannon }) => ours.rate / cannon).sort((a, b) => a - b)
  const middle = ratios[Math.floor(ratios.length / 2)]
  const verdict =
    middle === undefined
      ? 'The machine was too busy in every round: **nothing can be said** about the ratio. Run it again on a quiet one.'
      : `Over the ${valid.length} valid of ${of.speeds.length} rounds the middle ratio is **${middle.toFixed(2)}**; asked for: at least ${MIN_RATIO}, so this is **${middle >= MIN_RATIO ? 'met' : 'missed'}**.`
  return `# Load generator: measured

${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}.
Generator and server are two processes on the same machine, over loopback. Peer: autocannon ${of.version}. Made by
\`bench/load/bench.ts\`, which anybody can run again.

## How fast it can send

The highest rate of Poisson arrivals at which 99 % of the requests leave within 1 ms of their time and nothing fails, against the
most that autocannon gets through in a closed loop (best of ${CANNON_CONNECTIONS.join(', ')} connections). ${of.speeds.length} rounds, one
after the other. The control is a generator that sends nothing: when it cannot keep 1 ms either, the round is void.

| round | the machine alone, lag p99 | ours, open loop | its send lag p99 | autocannon, closed loop | ratio |
| ----- | -------------------------- | --------------- | ---------------- | ----------------------- | ----- |
${of.speeds
  .map(
    ({ ours, cannon, noise }, index) =>
      `| ${index + 1} | ${noise.toFixed(2)} ms | ${ours.rate}/s | ${ours.sendLagP99.toFixed(2)} ms | ${cannon}/s | ${noise > MAX_SEND_LAG_MS ? 'void: busy' : (ours.rate / cannon).toFixed(2)} |`,
  )
  .join('\n')}

${verdict}

## What it says about a server that stalls

The server stalls for ${STALL_MS / 1000} s of ${RUN_MS / 1000} s. Sent: ${STALL_RATE} requests a second at even gaps. Exact: the p-th percentile is
${STALL_MS / 1000} s − ${RUN_MS / 1000} s × (1 − p).

| percentile | exact | ours | off by | autocannon, 10 connections |
| ---------- | ----- | ---- | ------ | -------------------------- |
${of.stall.rows
  .map(
    ({ percent, expected, ours }) =>
      `| ${percent} | ${inSeconds(expected)} | ${inSeconds(ours)} | ${(((ours - expected) / expected) * 100).toFixed(2)} % | ${inSeconds(cannonAt(percent))} |`,
  )
  .join('\n')}

autocannon waits with the server, so the stall is ten slow requests among ${of.stall.cannon.requests.total} (its longest took
${inSeconds(latency.max)}) and no percentile shows it. Asked for: within 5 %.

## Not measured

Load over a network, TLS, large bodies, several generators at once, and machines with more cores. autocannon was not run with a
fixed rate (\`-R\`): it corrects for coordinated omission there by a model, and still sends from a closed loop.
`
}

const cannon = await installAutocannon()
try {
  const speeds: Speed[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    say(`round ${round}`)
    speeds.push(await compareSpeed(cannon))
  }
  say('stall')
  const stall = await compareStall(cannon)
  const text = report({ version: cannon.version, speeds, stall })
  await writeFile(new URL('RESULTS.md', import.meta.url), text)
  say(text)
} finally {
  await cannon.remove()
}
