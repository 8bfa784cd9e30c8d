import { connect, disconnect } from '../../adapters/postgres/watched/client.ts'

/** A connection for short work. */
export type DatabaseClient = Awaited<ReturnType<typeof connect>>

/** Opens a connection, does the work, and closes it. */
export async function withDatabase<T>(
  connectionString: string,
  work: (client: DatabaseClient) => Promise<T>,
): Promise<T> {
  const client = await connect({ connectionString, applicationName: 'premortem-drill', settings: {} })
  try {
    return await work(client)
  } finally {
    await disconnect(client)
  }
}
