/** PostgreSQL refuses one of a state's further statements (`SchemaState.extra`): the state without it can still be made. */
export class ExtraRefused extends Error {
  override readonly name = 'ExtraRefused'
  /** The statement, as it stands in `extra`. */
  readonly sql: string
  /** PostgreSQL's; null when the error was not the database's. */
  readonly sqlState: string | null

  constructor(refused: { readonly sql: string; readonly sqlState: string | null; readonly cause: unknown }) {
    const why = refused.cause instanceof Error ? refused.cause.message : String(refused.cause)
    super(`${refused.sql}: ${why}`, { cause: refused.cause })
    this.sql = refused.sql
    this.sqlState = refused.sqlState
  }
}
