/** autocannon, installed on demand into a temporary folder: it is compared with, never depended on. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const VERSION = '8.0.0'
const INSTALL_WITHIN_MS = 180_000
const RUN_MARGIN_MS = 60_000

export interface CannonResult {
  readonly requests: { readonly total: number }
  readonly duration: number
  readonly errors: number
  readonly latency: { readonly p90: number; readonly p99: number; readonly p99_9: number; readonly max: number }
}

export interface Cannon {
  readonly version: string
  /** As many requests as its connections can, one after the other on each. */
  run(options: { readonly url: string; readonly connections: number; readonly seconds: number }): Promise<CannonResult>
  remove(): Promise<void>
}

export async function installAutocannon(): Promise<Cannon> {
  const folder = await mkdtemp(join(tmpdir(), 'premortem-bench-'))
  const flags = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
  await promisify(execFile)('npm', ['install', ...flags, `autocannon@${VERSION}`], { timeout: INSTALL_WITHIN_MS })
  const home = join(folder, 'node_modules', 'autocannon')
  const { version }: { version: string } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'))
  return {
    version,
    run: async ({ url, connections, seconds }) => {
      const args = [
        join(home, 'autocannon.js'),
        '--json',
        '-c',
        String(connections),
        '-d',
        String(seconds),
        '-t',
        '30',
        url,
      ]
      return JSON.parse(await output(args, seconds * 1000 + RUN_MARGIN_MS))
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function output(args: readonly string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`autocannon ended with ${code}`))))
  })
}
