import type { Node } from '@pgsql/types'
import type { LintRule } from '../rule.ts'
import { nameFrom, pick, pickAll, written } from '../tree/pick.ts'

const isDefiner = (options: readonly Node[] | undefined): boolean =>
  pickAll(options, 'DefElem').some((one) => one.defname === 'security' && pick(one.arg, 'Boolean')?.boolval === true)

const setsSearchPath = (options: readonly Node[] | undefined): boolean =>
  pickAll(options, 'DefElem').some(
    (one) => one.defname === 'set' && pick(one.arg, 'VariableSetStmt')?.name === 'search_path',
  )

/** It runs with its owner's rights, and finds tables and operators by the caller's search_path. */
export const securityDefinerSearchPath: LintRule = {
  id: 'security-definer-search-path',
  title: 'SECURITY DEFINER function without a search_path of its own',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  statement: (context) => {
    const create = pick(context.statement.node, 'CreateFunctionStmt')
    const alter = pick(context.statement.node, 'AlterFunctionStmt')
    const options = create?.options ?? alter?.actions
    if (!isDefiner(options) || setsSearchPath(options)) return []
    // A body in standard SQL (BEGIN ATOMIC) is resolved when the function is made.
    if (create?.sql_body !== undefined) return []
    const name = nameFrom(create?.funcname ?? alter?.func?.objname)
    const isSetLater = [...context.before, ...context.after].some(({ node }) => {
      const other = pick(node, 'AlterFunctionStmt')
      return nameFrom(other?.func?.objname).name === name.name && setsSearchPath(other?.actions)
    })
    if (isSetLater) return []
    return [
      {
        message: `Function ${written(name)} runs with its owner's rights but looks names up in the caller's search_path: a caller who puts an object of his own in the way runs code as the owner.`,
        remedy:
          "Add SET search_path = '' and write every name with its schema, or SET search_path = pg_catalog, public.",
      },
    ]
  },
}
