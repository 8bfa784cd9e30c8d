/**
 * Builds `dist`, which the published package runs: Node strips types only outside of node_modules.
 * The folders stay as they are (dist/src, dist/examples), so addresses relative to a module mean the same in both.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const entry = join(dist, 'src/cli/main.js')

/** Migrations and the like go along; sources, tests, documents and what runs left behind do not. */
function isAsset(path) {
  const name = basename(path)
  if (statSync(path).isDirectory()) return name !== 'test' && name !== 'node_modules' && !name.startsWith('.')
  return !/[.](ts|md)$/.test(name)
}

/** True when every source was compiled without an error. */
function compile() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const config = join(root, 'tsconfig.build.json')
  return spawnSync(process.execPath, [compiler, '-p', config], { cwd: root, stdio: 'inherit' }).status === 0
}

rmSync(dist, { recursive: true, force: true })
if (!compile()) {
  process.stderr.write('The build stopped: the sources above do not compile.\n')
  process.exitCode = 1
} else if (!existsSync(entry)) {
  process.stderr.write(`The build made no ${entry}: look at tsconfig.build.json.\n`)
  process.exitCode = 1
} else {
  for (const folder of ['src', 'examples']) {
    cpSync(join(root, folder), join(dist, folder), { recursive: true, filter: isAsset })
  }
}
