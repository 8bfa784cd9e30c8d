import type { ParsedStatement } from '../../sql.ts'
import type { LintRule, StatementContext } from '../rule.ts'
import { tableEffectsOf } from '../tree/effects.ts'
import { recentStatements } from '../tree/in-transaction.ts'
import { nameOfRelation, pick, pickAll, written } from '../tree/pick.ts'
import { type ActionKind, existingTarget } from '../tree/target.ts'

/** Actions that mean the same in one statement with others. Dropping a CHECK in the statement that relies on it does not. */
const COMBINES: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AlterColumnType',
  'AT_AddConstraint',
])

function combines({ node }: ParsedStatement): boolean {
  const alter = pick(node, 'AlterTableStmt')
  if (alter?.objtype !== 'OBJECT_TABLE') return false
  return pickAll(alter.cmds, 'AlterTableCmd').every(({ subtype, def }) => {
    // Whatever is added NOT VALID is to be validated by a statement of its own: leave it as it is.
    if (subtype === undefined || pick(def, 'Constraint')?.skip_validation === true) return false
    return COMBINES.has(subtype)
  })
}

const columnsOf = ({ node }: ParsedStatement): readonly string[] =>
  pickAll(pick(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').flatMap(
    ({ name, def }) => name ?? pick(def, 'ColumnDef')?.colname ?? [],
  )

const tableOf = ({ node }: ParsedStatement): string => written(nameOfRelation(pick(node, 'AlterTableStmt')?.relation))

const isSetting = ({ node }: ParsedStatement) => pick(node, 'VariableSetStmt') !== null

/** Together they save something: a second wait for the lock, or a second pass over the table. */
function saves(context: StatementContext, previous: ParsedStatement): boolean {
  if (context.transaction === null && context.statement.origin === 'file') return true
  return [previous, context.statement].every((one) =>
    tableEffectsOf(context, one).some(({ work }) => work === 'rewrite' || work === 'scan'),
  )
}

/** One ALTER TABLE waits once and reads the table once, however many actions it has. */
export const alterTablesToCombine: LintRule = {
  id: 'alter-tables-to-combine',
  title: 'Several ALTER TABLE where one would do',
  squawk: [],
  level: 'note',
  defaultOn: true,
  statement: (context) => {
    const { statement } = context
    if (!combines(statement)) return []
    const previous = recentStatements(context).findLast((one) => !isSetting(one))
    if (previous === undefined || previous.origin !== statement.origin || !combines(previous)) return []
    if (tableOf(previous) !== tableOf(statement)) return []
    const alter = pick(statement.node, 'AlterTableStmt')
    const target = existingTarget(context, alter?.relation, alter?.missing_ok)
    // What the first one changes, the second may rely on.
    const touched = columnsOf(previous)
    if (target === null || columnsOf(statement).some((column) => touched.includes(column))) return []
    if (!saves(context, previous)) return []
    const passes = context.transaction === null ? 'waits for its lock' : 'goes through all rows'
    return [
      {
        message: `This ALTER TABLE ${target.name} and the one in line ${previous.line} could be one: as it is, each ${passes} by itself.`,
        remedy: `Write ALTER TABLE ${target.name} once, with the actions separated by commas.`,
        table: target.table,
      },
    ]
  },
}
