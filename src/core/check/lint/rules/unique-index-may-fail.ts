import type { Constraint } from '@pgsql/types'
import type { LintHit, LintRule, StatementContext } from '../rule.ts'
import { knownIndexes } from '../tree/known-indexes.ts'
import { pick, pickAll, textsOf, written } from '../tree/pick.ts'
import { addedConstraints, existingTarget, type Target } from '../tree/target.ts'
import { listed } from '../tree/wording.ts'

/** True when a unique index that is there already covers some of the columns: then no row can have a twin. */
function isUniqueAlready(target: Target, columns: readonly string[]): boolean {
  return knownIndexes(target.table).some(
    (index) =>
      index.unique &&
      index.usable &&
      index.columns.length > 0 &&
      index.columns.every((column) => column !== null && columns.includes(column)),
  )
}

interface Uniqueness {
  readonly target: Target
  /** Empty where an expression is indexed. */
  readonly columns: readonly string[]
  readonly location: number
  readonly concurrent: boolean
}

function hitOf({ target, columns, location, concurrent }: Uniqueness): readonly LintHit[] {
  if (target.table?.rows === 0 || (columns.length > 0 && isUniqueAlready(target, columns))) return []
  const names = columns.map((one) => written(one))
  const key = names.length === 0 ? 'the indexed expression' : listed(names)
  const left = concurrent ? ', and leaves an INVALID index behind' : ''
  const list = names.join(', ')
  const query = `SELECT ${list}, count(*) FROM ${target.name} GROUP BY ${list} HAVING count(*) > 1`
  return [
    {
      location,
      message: `If two rows of ${target.name} agree in ${key}, the build fails near its end${left}.`,
      remedy: `Look for duplicates in production first${names.length === 0 ? '' : `: ${query}`}.`,
      table: target.table,
    },
  ]
}

const makesUnique = ({ contype, indexname }: Constraint) =>
  (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY') && indexname === undefined

function ofIndex(context: StatementContext): readonly LintHit[] {
  const index = pick(context.statement.node, 'IndexStmt')
  const target = existingTarget(context, index?.relation)
  if (index === null || target === null || index.unique !== true) return []
  const elements = pickAll(index.indexParams, 'IndexElem')
  const plain = elements.flatMap(({ name }) => (name === undefined || name === '' ? [] : [name]))
  const columns = plain.length === elements.length && index.whereClause === undefined ? plain : []
  return hitOf({ target, columns, location: 0, concurrent: index.concurrent === true })
}

/** What no test database shows: production's rows may break the rule that the index is to enforce. */
export const uniqueIndexMayFail: LintRule = {
  id: 'unique-index-may-fail',
  title: 'Unique index that existing rows may not allow',
  squawk: [],
  level: 'note',
  defaultOn: true,
  statement: (context) => [
    ...ofIndex(context),
    ...addedConstraints(context).flatMap(({ constraint, column, location, ...target }) => {
      // A new column holds NULL everywhere, or one value: required-column-without-default and volatile-column-default know.
      if (!makesUnique(constraint) || column !== null) return []
      return hitOf({ target, columns: textsOf(constraint.keys), location, concurrent: false })
    }),
  ],
}
