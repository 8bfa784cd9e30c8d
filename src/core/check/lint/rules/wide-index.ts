import type { LintRule } from '../rule.ts'
import { nameOfRelation, pick, written } from '../tree/pick.ts'

/** Columns that an index orders by, from which on the last ones rarely narrow anything. */
export const MAX_INDEX_COLUMNS = 3

/** Each column more makes the index larger and every write dearer. */
export const wideIndex: LintRule = {
  id: 'wide-index',
  title: 'Index on more than three columns that is not unique',
  squawk: [],
  level: 'note',
  defaultOn: true,
  statement: (context) => {
    const index = pick(context.statement.node, 'IndexStmt')
    if (index === null || index.unique === true || (index.accessMethod ?? 'btree') !== 'btree') return []
    const columns = index.indexParams?.length ?? 0
    if (columns <= MAX_INDEX_COLUMNS) return []
    const name = index.idxname === undefined || index.idxname === '' ? 'The index' : `Index ${written(index.idxname)}`
    return [
      {
        message: `${name} on ${written(nameOfRelation(index.relation))} orders by ${columns} columns: the last ones rarely narrow what is read, and every write pays for them.`,
        remedy:
          'Keep the columns that queries compare with =, then one range or order; put what is only read into INCLUDE.',
      },
    ]
  },
}
