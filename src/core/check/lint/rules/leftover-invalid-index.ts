import type { ParsedStatement } from '../../sql.ts'
import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import { nameFrom, pick, pickAll, written } from '../tree/pick.ts'
import { addedConstraints } from '../tree/target.ts'

function removes({ node }: ParsedStatement, index: string): boolean {
  if (pick(node, 'ReindexStmt')?.relation?.relname === index) return true
  const drop = pick(node, 'DropStmt')
  return (
    drop?.removeType === 'OBJECT_INDEX' &&
    pickAll(drop.objects, 'List').some((one) => nameFrom(one.items).name === index)
  )
}

const remedyFor = (index: string) =>
  `Run DROP INDEX CONCURRENTLY IF EXISTS ${index} before it, or REINDEX INDEX CONCURRENTLY ${index} instead of it.`

function createHits(context: StatementContext): readonly LintHit[] {
  const create = pick(context.statement.node, 'IndexStmt')
  const name = create?.idxname
  if (create === null || name === undefined) return []
  const schema = create.relation?.schemaname ?? null
  const known = context.index(schema, name)
  const index = written({ schema, name })
  if (known !== null) {
    if (known.valid || known.isNew) return []
    const outcome =
      create.if_not_exists === true
        ? 'IF NOT EXISTS keeps it as it is: the migration succeeds, and no query will use it'
        : 'CREATE INDEX fails, as the name is taken'
    return [
      {
        level: 'error',
        message: `Index ${index} is there in production and INVALID, left over from a build that failed: ${outcome}.`,
        remedy: remedyFor(index),
      },
    ]
  }
  if (context.hasSnapshot || create.concurrent !== true || create.if_not_exists !== true) return []
  const table = context.table(schema, create.relation?.relname)
  if (table?.isNew === true || context.before.some((one) => removes(one, name))) return []
  return [
    {
      message: `If an earlier build of ${index} failed, IF NOT EXISTS keeps its INVALID index: the migration succeeds, and no query uses the index.`,
      remedy: remedyFor(index),
    },
  ]
}

/** A constraint cannot be made of an index that is not valid. */
function constraintHits(context: StatementContext): readonly LintHit[] {
  return addedConstraints(context).flatMap(({ constraint, table, relation, name, location }) => {
    const index = context.index(table?.schema ?? relation.schema, constraint.indexname)
    if (constraint.indexname === undefined || index === null || index.valid) return []
    return [
      {
        location,
        level: 'error' as const,
        message: `Index ${written(constraint.indexname)} of ${name} is INVALID, left over from a build that failed: no constraint can be made of it.`,
        remedy: `Run REINDEX INDEX CONCURRENTLY ${written(constraint.indexname)} before.`,
      },
    ]
  })
}

/** CREATE INDEX CONCURRENTLY that is cut off leaves an index that costs every write and helps no query. */
export const leftoverInvalidIndex: LintRule = {
  id: 'leftover-invalid-index',
  title: 'INVALID index left over from a failed build',
  squawk: [],
  level: 'note',
  defaultOn: true,
  statement: (context) => [...createHits(context), ...constraintHits(context)],
}
