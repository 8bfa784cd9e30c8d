import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const OLDEST = [22, 18]

/**
 * Compiled code is kept in the person's own cache folder: what lies in a shared temporary folder, another user may have
 * put there. Where nothing can be written, nothing is kept.
 */
function keepCompiledCode() {
  const { XDG_CACHE_HOME, LOCALAPPDATA, NODE_COMPILE_CACHE } = process.env
  const home = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME
  enableCompileCache(NODE_COMPILE_CACHE ?? join(home || join(homedir(), '.cache'), 'premortem', 'compiled'))
}

/** Loads the CLI: from `src` in a clone (Node strips the types), from `dist` in the published package. */
export async function start() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    process.stderr.write(
      `premortem needs Node ${OLDEST.join('.')} or newer; this is Node ${process.versions.node}.\n` +
        'In a clone, use "npm run premortem -- <command>": it runs on the Node that "npm ci" brought along.\n',
    )
    process.exitCode = 2
    return
  }
  keepCompiledCode()
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const { main } = await import(
    existsSync(source) ? source.href : new URL('../dist/src/cli/main.js', import.meta.url).href
  )
  await main(process.argv.slice(2))
}
