/**
 * Builds `dist`, which the published package runs: Node strips types only outside of node_modules.
 * The folders stay as they are (dist/src, dist/examples), so addresses relative to a module mean the same in both.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** Migrations, styles and the like go along; sources, tests and what runs left behind do not. */
function isAsset(path) {
  const name = basename(path)
  if (statSync(path).isDirectory()) return name !== 'test' && name !== 'node_modules' && !name.startsWith('.')
  return !/[.]ts$/.test(name) && name !== 'package-lock.json'
}

rmSync(dist, { recursive: true, force: true })
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
for (const folder of ['src', 'examples']) {
  cpSync(join(root, folder), join(dist, folder), { recursive: true, filter: isAsset })
}
const entry = join(dist, 'src/cli/main.js')
if (!existsSync(entry)) {
  process.stderr.write(`The build made no ${entry}: look at tsconfig.build.json.\n`)
  process.exitCode = 1
}
