import { Problem } from '../../../base/problem.ts'

/** Codes of the network and of PostgreSQL (class 08 and 57P0x) that mean: there is no server to talk to just now. */
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EHOSTUNREACH|08\d{3}|57P0[1-3]|53300)$/
/** What the driver says without a code. */
const UNREACHABLE_TEXT =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** An error of the driver as a person can act on it; any other error as it is. */
export function toProblem(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (error instanceof Problem) return error
  if (!UNREACHABLE.test(code) && !UNREACHABLE_TEXT.test(error.message)) return error
  return new Problem({
    code: 'ledger-unavailable',
    what: `the database of the ledger cannot be reached: ${error.message || code}`,
    remedy:
      'Check that PostgreSQL runs, that DATABASE_URL is right and that it has free connections. Then do it again.',
    retriable: true,
    cause: error,
  })
}
