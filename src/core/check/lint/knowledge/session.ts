/** What holds in the session that runs a file: its transaction and its settings. */
import type { Node, VariableSetStmt } from '@pgsql/types'
import type { ParsedFile, ParsedStatement } from '../../sql.ts'
import type { StatementContext } from '../rule.ts'
import type { Catalog } from './catalog.ts'

const TIMEOUTS = ['lock_timeout', 'statement_timeout'] as const
type Timeout = (typeof TIMEOUTS)[number]

const MILLISECONDS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of a setting's value, `5s` or `5000`; null when it is none. */
export function millisecondsOf(value: string): number | null {
  const [, number, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value) ?? []
  const factor = MILLISECONDS[unit]
  return number === undefined || factor === undefined ? null : Number(number) * factor
}

function constant(node: Node | undefined): string | null {
  if (node === undefined) return null
  if ('TypeCast' in node) return constant(node.TypeCast.arg)
  if (!('A_Const' in node)) return null
  const { sval, ival, fval } = node.A_Const
  return sval?.sval ?? fval?.fval ?? (ival === undefined ? null : String(ival.ival ?? 0))
}

/** `SELECT set_config('lock_timeout', '5s', true)`. */
function setConfig(node: Node): { name: string; value: string | null; local: boolean } | null {
  const target = 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined
  const call = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (call === undefined || !('FuncCall' in call)) return null
  const last = call.FuncCall.funcname?.at(-1)
  if (last === undefined || !('String' in last) || last.String.sval !== 'set_config') return null
  const [name, value, local] = call.FuncCall.args ?? []
  const isLocal = local !== undefined && 'A_Const' in local && local.A_Const.boolval?.boolval === true
  return { name: constant(name) ?? '', value: constant(value), local: isLocal }
}

type Transaction = { readonly number: number; readonly openedBy: 'tool' | 'statement'; before: ParsedStatement[] }

/** Follows the statements of a file. */
export class Session {
  private readonly catalog: Catalog
  private readonly baseline: Readonly<Record<Timeout, number | null>>
  private session: Record<Timeout, number | null>
  private local: Partial<Record<Timeout, number | null>> = {}
  private localPath: readonly string[] | null = null
  private transaction: Transaction | null = null
  private transactions = 0
  /** True when the transaction is that of a DO block. */
  private inBlock = false

  /** @param baseline what production's database sets by itself */
  constructor(catalog: Catalog, baseline: Readonly<Record<Timeout, number | null>>) {
    this.catalog = catalog
    this.baseline = baseline
    this.session = { ...baseline }
  }

  /** A file begins with a new session: a tool may run it alone. */
  begin(file: ParsedFile): void {
    this.session = { ...this.baseline }
    this.catalog.resetSearchPath()
    this.end()
    if (file.transactional) this.open('tool')
  }

  /** The number of the transaction that the next statement runs in; its own when it runs alone. */
  get number(): number {
    return this.transaction?.number ?? this.transactions
  }

  timeout(name: Timeout): number | null {
    return this.local[name] ?? this.session[name]
  }

  /** The transaction as it is: its list grows with the next `take`. */
  current(): StatementContext['transaction'] {
    return this.transaction === null ? null : { before: this.transaction.before, openedBy: this.transaction.openedBy }
  }

  /** The statement comes next. What a DO block runs, it runs in one transaction, its own where there is no other. */
  arrive(statement: ParsedStatement): void {
    if (statement.origin === 'do-block' && this.transaction === null) {
      this.open('statement')
      this.inBlock = true
    } else if (statement.origin === 'file' && this.inBlock) this.end()
  }

  /** The statement has run. */
  take(statement: ParsedStatement): void {
    const { node } = statement
    this.transaction?.before.push(statement)
    if (node === null) return
    if ('TransactionStmt' in node) this.control(node.TransactionStmt.kind ?? '')
    if ('VariableSetStmt' in node) this.set(node.VariableSetStmt)
    const config = setConfig(node)
    if (config !== null) this.assign(config.name, config.value, config.local)
    if (this.transaction === null) this.transactions += 1
  }

  private open(openedBy: 'tool' | 'statement'): void {
    this.transactions += 1
    this.transaction = { number: this.transactions, openedBy, before: [] }
  }

  private end(): void {
    this.transaction = null
    this.inBlock = false
    this.transactions += 1
    this.local = {}
    if (this.localPath !== null) this.catalog.searchPath = this.localPath
    this.localPath = null
  }

  private control(kind: string): void {
    // BEGIN within a transaction is a warning of PostgreSQL and changes nothing.
    if ((kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') && this.transaction === null)
      this.open('statement')
    if (['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE'].includes(kind)) this.end()
  }

  private set(statement: VariableSetStmt): void {
    const { kind, name = '', args = [], is_local: local = false } = statement
    if (kind === 'VAR_RESET_ALL') {
      this.session = { ...this.baseline }
      this.local = {}
      this.catalog.resetSearchPath()
    } else if (name === 'search_path') {
      this.setPath(kind === 'VAR_SET_VALUE' ? args.map(constant).filter((one) => one !== null) : null, local)
    } else this.assign(name, kind === 'VAR_SET_VALUE' ? constant(args[0]) : null, local)
  }

  private setPath(path: readonly string[] | null, local: boolean): void {
    if (local) this.localPath ??= this.catalog.searchPath
    const schemas = path?.filter((schema) => schema !== '$user' && schema !== 'pg_catalog' && schema !== '')
    if (schemas === undefined) this.catalog.resetSearchPath()
    else this.catalog.searchPath = schemas
  }

  private assign(name: string, value: string | null, local: boolean): void {
    if (name === 'search_path' && value !== null) {
      const path = value.split(',').map((schema) => schema.trim().replaceAll('"', ''))
      this.setPath(path, local)
      return
    }
    const timeout = TIMEOUTS.find((one) => one === name.toLowerCase())
    if (timeout === undefined) return
    const to = value === null ? this.baseline[timeout] : millisecondsOf(value)
    if (!local) {
      this.session[timeout] = to
      delete this.local[timeout]
    } else if (this.transaction !== null) this.local[timeout] = to
  }
}
