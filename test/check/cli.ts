/** Runs the real command line in the example's folder, as its developers would. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../tidy/tree.ts'

export const EXAMPLE = join(root, 'examples/payments')

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs to the end. */
export function premortem(args: readonly string[], cwd = EXAMPLE): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'bin/premortem.mjs'), ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1' },
    })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    )
  })
}
