import type { Node } from '@pgsql/types'
import type { LintRule } from '../rule.ts'
import { pick, pickAll } from '../tree/pick.ts'

/** PostgreSQL's word for a statement that it refuses inside a transaction; null for all others. */
function refused(node: Node | null): string | null {
  const vacuum = pick(node, 'VacuumStmt')
  if (vacuum?.is_vacuumcmd === true) return 'VACUUM'
  if (pick(node, 'CreatedbStmt') !== null) return 'CREATE DATABASE'
  if (pick(node, 'DropdbStmt') !== null) return 'DROP DATABASE'
  if (pick(node, 'AlterSystemStmt') !== null) return 'ALTER SYSTEM'
  if (pick(node, 'CreateTableSpaceStmt') !== null) return 'CREATE TABLESPACE'
  if (pick(node, 'DropTableSpaceStmt') !== null) return 'DROP TABLESPACE'
  const reindex = pick(node, 'ReindexStmt')
  const whole = reindex?.kind === 'REINDEX_OBJECT_DATABASE' || reindex?.kind === 'REINDEX_OBJECT_SCHEMA'
  const concurrent = pickAll(reindex?.params, 'DefElem').some((one) => one.defname === 'concurrently')
  return whole && !concurrent ? 'REINDEX of a whole schema or database' : null
}

/** Stops the migration there, at the earliest on the day that it is deployed when nobody tried it before. */
export const cannotRunInTransaction: LintRule = {
  id: 'cannot-run-in-transaction',
  title: 'Statement that PostgreSQL refuses inside a transaction',
  squawk: [],
  level: 'error',
  defaultOn: true,
  statement: (context) => {
    const what = refused(context.statement.node)
    if (what === null || context.transaction === null) return []
    const where =
      context.transaction.openedBy === 'tool' ? 'the migration tool runs this file in' : 'the file has begun'
    return [
      {
        message: `${what} cannot run inside a transaction, and it stands in the one that ${where}.`,
        remedy: 'Move it to a file of its own that the tool runs without a transaction, or out of the migrations.',
      },
    ]
  },
}
