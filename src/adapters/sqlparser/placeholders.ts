/** Variables that a tool replaces before PostgreSQL sees the text: psql's `:name`, and `${name}` of Flyway and others. */
import { tokens, UnterminatedSql } from '../../core/postgres/scan.ts'

/** A statement with its variables filled in. */
export interface Filled {
  /** As long as the statement, with a name or a string where the variables are. */
  readonly sql: string
  /** As written, such as `:'owner'`. */
  readonly variables: readonly string[]
}

const PSQL_WORD = /^[A-Za-z_]\w*$/
const BRACES = /\$\{[\w.:-]{1,100}\}/g

/** `${name}` is one name, wherever it stands: Flyway looks into quotes and comments too. */
function withoutBraces(sql: string, variables: string[]): string {
  return sql.replace(BRACES, (variable) => {
    variables.push(variable)
    return variable.replace(/\W/g, '_')
  })
}

function withoutColons(sql: string, variables: string[]): string {
  let out = ''
  let [colon, brackets] = [false, 0]
  for (const token of tokens(sql)) {
    const piece = sql.slice(token.start, token.end)
    const before = out.at(-1)
    const name = token.kind === 'quoted' ? /^['"]/.test(piece) : PSQL_WORD.test(piece)
    if (colon && name && brackets === 0) {
      variables.push(`:${piece}`)
      out = `${out.slice(0, -1)} `
    }
    colon = piece === ':' && before !== ':'
    if (piece === '[') brackets += 1
    if (piece === ']') brackets -= 1
    out += piece
  }
  return out
}

/**
 * A guess at what a statement is once its variables are filled in; null when it has none. Offsets stay as they are.
 */
export function fillVariables(sql: string): Filled | null {
  const variables: string[] = []
  try {
    const filled = withoutColons(withoutBraces(sql, variables), variables)
    return variables.length === 0 ? null : { sql: filled, variables }
  } catch (error) {
    if (error instanceof UnterminatedSql) return null
    throw error
  }
}
