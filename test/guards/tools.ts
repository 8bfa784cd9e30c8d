/** Runs the guards that are programs, as `npm run lint` and `npm run typecheck` do. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../tidy/tree.ts'

const PROGRAMS = {
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  knip: 'node_modules/knip/bin/knip.js',
}

export interface ToolResult {
  readonly code: number | null
  /** Standard output, then standard error. */
  readonly text: string
}

/** Runs one of the tools to its end; `folder` is the root unless given. */
export function run(tool: keyof typeof PROGRAMS, args: readonly string[], folder: string = root): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, PROGRAMS[tool]), ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, text: Buffer.concat([...out, ...err]).toString() }))
  })
}

/** A copy of a fixture folder outside the tree, where biome has our rules but not our exclusions. */
export function biomePlayground(fixtures: string): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'premortem-guards-'))
  cpSync(fixtures, folder, { recursive: true })
  const config: object = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
  const here = { ...config, $schema: undefined, vcs: { enabled: false }, files: { includes: ['**/*.ts'] } }
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(here))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
