import { tokens } from '../../../postgres/scan.ts'
import type { LintRule } from '../rule.ts'
import { pick, pickAll } from '../tree/pick.ts'

/** Words behind EXECUTE that make it something else: GRANT EXECUTE ON, EXECUTE FUNCTION of a trigger. */
const OTHER = new Set(['on', 'function', 'procedure'])

/** True when a body has an EXECUTE whose text is put together when it runs. */
function executesBuiltSql(body: string): boolean {
  const parts = [...tokens(body)].filter(({ kind }) => kind !== 'blank')
  return parts.some((token, at) => {
    if (token.kind !== 'word' || body.slice(token.start, token.end).toLowerCase() !== 'execute') return false
    const [next, behind] = [parts[at + 1], parts[at + 2]]
    if (next === undefined || OTHER.has(body.slice(next.start, next.end).toLowerCase())) return false
    const end = behind === undefined ? ';' : body.slice(behind.start, behind.end)
    // A plain string is read like the rest of the block.
    return !(next.kind === 'quoted' && (end === ';' || end.toLowerCase() === 'using' || end.toLowerCase() === 'into'))
  })
}

/** Says what was not looked at, so that nobody takes silence for a clean bill. */
export const dynamicSql: LintRule = {
  id: 'dynamic-sql',
  title: 'DO block that runs SQL which cannot be seen',
  squawk: [],
  level: 'note',
  defaultOn: true,
  statement: (context) => {
    const block = pick(context.statement.node, 'DoStmt')
    const parts = pickAll(block?.args, 'DefElem')
    const language = pick(parts.find((one) => one.defname === 'language')?.arg, 'String')?.sval ?? 'plpgsql'
    const body = pick(parts.find((one) => one.defname === 'as')?.arg, 'String')?.sval ?? ''
    if (block === null || language !== 'plpgsql' || !executesBuiltSql(body)) return []
    return [
      {
        message: 'This DO block puts SQL together while it runs: the rules cannot see what it will be.',
        remedy:
          'Write the statements out where that is possible; premortem check runs the migration on an empty copy and sees what really happens.',
      },
    ]
  },
}
