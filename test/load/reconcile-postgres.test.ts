/** The reconciliation's queries on the reference system's own tables. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/adapters/embedded/server.ts'
import { epochMs } from '../../src/base/time.ts'
import { type Book, createBook } from '../../src/cli/drill/traffic/book.ts'
import { reconcileBook } from '../../src/cli/drill/traffic/reconcile.ts'

const MIGRATIONS = new URL('../../examples/payments/releases/2.3.0/migrations/', import.meta.url)
const ACT_BEGAN = '2026-03-01T10:15:00Z'
const DURING = '2026-03-01T10:16:00Z'
const BEFORE = '2026-02-28T10:15:00Z'

let root: string
let server: EmbeddedServer
let sql: Client

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'premortem-load-'))
  server = await startEmbedded({ name: 'load', root, settings: { fsync: 'off' } })
  sql = new Client({ connectionString: server.connectionString() })
  await sql.connect()
  for (const file of ['0001_tables.sql', '0002_indexes.sql']) {
    await sql.query(await readFile(new URL(file, MIGRATIONS), 'utf8'))
  }
})
afterAll(async () => {
  await sql?.end()
  await server?.stop()
  await rm(root, { recursive: true, force: true })
})
beforeEach(() => sql.query('TRUNCATE payment_transactions, settlements, payment_retry_queue'))

interface Payment {
  readonly key?: string
  readonly order: number
  readonly status?: string
  readonly at?: string
}

async function insert({ key = randomUUID(), order, status = 'settled', at = DURING }: Payment): Promise<string> {
  const result = await sql.query<{ id: string }>(
    `INSERT INTO payment_transactions (idempotency_key, customer_id, order_id, status, amount_cents, created_at)
     VALUES ($1, 1, $2, $3, 100, $4) RETURNING id::text`,
    [key, order, status, at],
  )
  const id = result.rows[0]?.id ?? ''
  if (status === 'settled') await sql.query('INSERT INTO settlements (payment_id, amount_cents) VALUES ($1, 100)', [id])
  return id
}

const read = (book: Book) =>
  reconcileBook({ databaseUrl: server.connectionString(), book, since: epochMs(Date.parse(ACT_BEGAN)) })

function begun(book: Book, order: number | null, operation: 'pay' | 'order' = 'pay'): string {
  const key = randomUUID()
  book.begin({ key, operation, at: epochMs(0), orderId: order === null ? null : String(order) })
  return key
}

describe('the reconciliation with PostgreSQL', () => {
  it('counts payments by what became of them', async () => {
    const book = createBook()
    for (const [order, status] of ['settled', 'failed', 'refunded', 'pending'].entries()) {
      const key = begun(book, order)
      book.tell(key, { told: 'accepted', paymentId: await insert({ key, order, status }) })
    }
    book.tell(begun(book, 9), { told: 'failed', status: 503 })
    expect(await read(book)).toEqual({
      told: 4,
      settled: 1,
      failed: 1,
      refunded: 1,
      open: 1,
      lost: 0,
      double: 0,
      toldFailedButMade: 0,
      offenders: [],
    })
  })

  it('finds a payment that is gone, and one whose settlement is gone', async () => {
    const book = createBook()
    const gone = begun(book, 1)
    book.tell(gone, { told: 'accepted', paymentId: '424242' })
    const unsettled = begun(book, 2)
    const id = await insert({ key: unsettled, order: 2 })
    book.tell(unsettled, { told: 'accepted', paymentId: id })
    await sql.query('DELETE FROM settlements WHERE payment_id = $1', [id])
    expect(await read(book)).toMatchObject({ lost: 2, offenders: [{ key: gone }, { key: unsettled }] })
  })

  it('finds a second payment for an order, but leaves out those that the data set had before the act', async () => {
    const book = createBook()
    const key = begun(book, 7)
    await insert({ order: 7, at: BEFORE })
    book.tell(key, { told: 'accepted', paymentId: await insert({ key, order: 7 }) })
    expect(await read(book)).toMatchObject({ settled: 1, double: 0 })
    const second = await insert({ order: 7 })
    expect(await read(book)).toMatchObject({ double: 1, offenders: [{ kind: 'double', paymentId: second }] })
  })

  it('takes a delayed payment as open while it waits in the retry queue, and as lost when the queue is empty', async () => {
    const book = createBook()
    const key = begun(book, null, 'order')
    book.tell(key, { told: 'delayed', orderId: '8' })
    await sql.query(
      'INSERT INTO payment_retry_queue (idempotency_key, order_id, customer_id, amount_cents) VALUES ($1, 8, 1, 100)',
      [key],
    )
    expect(await read(book)).toMatchObject({ open: 1, lost: 0 })
    await sql.query('UPDATE payment_retry_queue SET refused_at = now()')
    expect(await read(book)).toMatchObject({ open: 0, lost: 1 })
  })
})
