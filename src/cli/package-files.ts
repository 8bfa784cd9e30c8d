import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of premortem's own package.json: the clone, or the installed package. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** Where the page of an error code lies on this machine. */
export const errorPage = (code: string): string => join(packageRoot(), 'docs', 'errors', `${code}.md`)

/** premortem's version, as published. */
export function ownVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}
