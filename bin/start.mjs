import { existsSync } from 'node:fs'

const OLDEST = [22, 18]

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
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const { main } = await import(
    existsSync(source) ? source.href : new URL('../dist/src/cli/main.js', import.meta.url).href
  )
  await main(process.argv.slice(2))
}
