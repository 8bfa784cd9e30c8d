import { Problem } from '../../../base/problem.ts'
import { codeOf, messageOf } from '../watched/client.ts'

/** Host, port and database of an address; never the user's password, nor anything that cannot be told from one. */
function placeOf(connectionString: string): string {
  try {
    const url = new URL(connectionString)
    return `${url.host || 'local socket'}${url.pathname}`
  } catch {
    // Not a URL: no part of it can be told from the password.
    return 'the given address'
  }
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^28/,
    'Check the user and the password in the address; a password may hold characters that must be percent-encoded.',
  ],
  [/^3D/, 'Name a database that exists at the end of the address: postgres://user@host:5432/database.'],
  [/^53300/, 'Try again when a connection is free; one is enough.'],
  [/^42501/, 'Allow the role to connect: GRANT CONNECT ON DATABASE … TO ….'],
  [/^(ENOTFOUND|EAI_)/, 'Check the host name in the address.'],
]

function adviceFor(error: unknown): string {
  const message = messageOf(error)
  if (/pg_hba\.conf|no encryption/i.test(message))
    return 'Add ?sslmode=require to the address when the server wants TLS, or let pg_hba.conf admit this host.'
  if (/self[- ]signed|certificate|unable to verify/i.test(message))
    return "Add ?sslmode=verify-full&sslrootcert=<file> with the server's CA to the address, or ?sslmode=no-verify to go without a check."
  if (/does not support SSL/i.test(message)) return 'Remove sslmode from the address: this server has no TLS.'
  const found = ADVICE.find(([code]) => code.test(codeOf(error)))
  return (
    found?.[1] ?? 'Check that PostgreSQL runs, and that the host and the port in the address are reachable from here.'
  )
}

/** The database that a snapshot was to be taken of cannot be reached. The password stays out of it. */
export function cannotConnect(error: unknown, connectionString: string): Problem {
  return new Problem({
    code: 'snapshot-cannot-connect',
    what: `No connection to the database: ${messageOf(error)}.`,
    where: placeOf(connectionString),
    remedy: adviceFor(error),
    retriable: !/^(28|3D|42)/.test(codeOf(error)),
    cause: error,
  })
}

/** @param version `server_version_num` */
export function serverTooOld(version: number): Problem {
  const shown = version >= 100_000 ? `${Math.floor(version / 10_000)}` : `${version / 10_000}`
  return new Problem({
    code: 'snapshot-server-too-old',
    what: `The server runs PostgreSQL ${shown}; snapshots are taken of PostgreSQL 13 and newer.`,
    remedy: 'Upgrade the server, or run the checks that need no snapshot: premortem lint.',
  })
}
