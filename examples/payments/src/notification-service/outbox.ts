/** Confirmations wait in an outbox, written with the payment, and are sent exactly once. */
import type { Query } from '../shared/database.ts'

/** Confirmations taken at a time. */
export const BATCH = 200

const SEND = `
  WITH taken AS (
    DELETE FROM notification_outbox WHERE id IN (
      SELECT id FROM notification_outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    RETURNING payment_id, kind, requested_at
  )
  INSERT INTO notifications (payment_id, kind, requested_at)
  SELECT payment_id, kind, requested_at FROM taken
  ON CONFLICT (payment_id, kind) DO NOTHING
  RETURNING greatest(0, extract(epoch FROM sent_at - requested_at))::float8 AS seconds`

const STATE = `
  SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(requested_at)), 0)::float8 AS "oldestSeconds"
  FROM notification_outbox`

export interface OutboxState {
  readonly waiting: number
  readonly oldestSeconds: number
}

/** Sends what waits, at most BATCH; gives each one's delay in seconds from the order to its confirmation. */
export async function sendConfirmations(query: Query): Promise<readonly number[]> {
  return (await query<{ seconds: number }>(SEND, [BATCH])).map((row) => row.seconds)
}

/** What has not been sent yet. */
export async function outboxState(query: Query): Promise<OutboxState> {
  return (await query<OutboxState>(STATE))[0] ?? { waiting: 0, oldestSeconds: 0 }
}
