/** `npm run tidy:lower`: writes the lower counts of missing TSDoc into allowance.json. It never raises one. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from './findings.ts'
import { undocumented } from './public-docs.ts'
import { root, textOf } from './tree.ts'

const file = join(root, 'test/tidy/allowance.json')
const { withoutTsdoc }: { withoutTsdoc: Readonly<Record<string, number>> } = JSON.parse(readFileSync(file, 'utf8'))

const countIn = (path: string): number => {
  try {
    return undocumented(parse(path, textOf(path))).length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

const lowered = Object.entries(withoutTsdoc)
  .map(([path, allowed]): [string, number] => [path, Math.min(allowed, countIn(path))])
  .filter(([, count]) => count > 0)
writeFileSync(file, `${JSON.stringify({ withoutTsdoc: Object.fromEntries(lowered) }, null, 2)}\n`)
