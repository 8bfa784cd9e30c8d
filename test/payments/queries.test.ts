/** examples/payments/queries and each release's queries.sql say what the services' code asks: the same statements, no more. */
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { normaliseSql } from '../../src/core/postgres/fingerprint.ts'
import { splitSql } from '../../src/core/postgres/split.ts'
import { filesUnder, textOf } from '../tidy/tree.ts'

const STATEMENT = /^\s*(select|insert|update|delete|with)\b/i

/** Every string of a source that begins as a statement does. */
function statementsIn(path: string): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteralLike(node) && STATEMENT.test(node.text)) found.push(normaliseSql(node.text))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest))
  return found
}

const asked = (paths: readonly string[]) => [...new Set(paths.flatMap(statementsIn))].sort()
const written = (path: string) => splitSql(textOf(path)).map((statement) => normaliseSql(statement.sql))

describe('the queries that the check reads', () => {
  it('are those of the services that all releases share', () => {
    const sources = filesUnder('examples/payments/src', /(?<![.]test)[.]ts$/)
    const files = filesUnder('examples/payments/queries', /[.]sql$/)
    expect(asked(sources).length).toBeGreaterThan(10)
    expect(files.flatMap(written).sort()).toEqual(asked(sources))
  })

  it.each(['2.3.0', '2.3.1', '2.3.2'])('are those of release %s', (release) => {
    const folder = `examples/payments/releases/${release}`
    expect(written(`${folder}/queries.sql`)).toEqual(asked([`${folder}/list-pending.ts`]))
  })
})
