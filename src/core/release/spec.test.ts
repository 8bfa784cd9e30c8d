import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const here = import.meta.dirname
const names = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map((found) => found[1] ?? ''))].sort()

describe('the invariants of SPEC.md', () => {
  const spec = readFileSync(join(here, 'SPEC.md'), 'utf8')
  const tests = readdirSync(here)
    .filter((file) => /^decide\..*test\.ts$/.test(file))
    .map((file) => readFileSync(join(here, file), 'utf8'))
    .join('\n')

  it('are each held by a test that names it, and no test names another', () => {
    const listed = names(spec, /^- \*\*(R\d+)\*\*/gm)
    const titles = [...tests.matchAll(/(?:it|describe|it\.each\([^)]*\))\(\s*'([^']+)'/g)]
      .map((found) => found[1])
      .join('\n')
    expect(listed.length).toBeGreaterThan(10)
    expect(names(titles, /\b(R\d+)\b/g)).toEqual(listed)
  })
})
