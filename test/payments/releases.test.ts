import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generate } from '../../examples/payments/data/generate.ts'
import { call, type Database, listQueryOf, migrationsOf, startDatabase, startPayments, stopAll } from './harness.ts'

/** Enough that reading all payments costs more than following an index. */
const ROWS = 60_000
const INDEX = 'idx_payment_transactions_created_at'

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Scan Direction'?: string
  readonly Plans?: readonly Node[]
}

describe('the releases of the payment-service', () => {
  let database: Database
  beforeAll(async () => {
    database = await startDatabase(ROWS)
  })
  afterAll(async () => {
    await stopAll()
    await database.stop()
  })

  /** How a release's list reads the payments now. */
  const scanOf = async (release: string): Promise<string> => {
    const explain = `EXPLAIN (FORMAT JSON) ${await listQueryOf(release)}`
    const [row] = await database.query<{ 'QUERY PLAN': readonly { Plan: Node }[] }>(explain)
    const find = (node: Node | undefined): Node | undefined =>
      node?.['Relation Name'] === 'payment_transactions' ? node : node?.Plans?.map(find).find(Boolean)
    const scan = find(row?.['QUERY PLAN'][0]?.Plan)
    return [scan?.['Node Type'], scan?.['Scan Direction'], scan?.['Index Name']].filter(Boolean).join(' ')
  }
  const migrate = async (release: string) => {
    for (const text of migrationsOf(release)) await database.query(text)
  }
  const newestIds = async (release: string): Promise<readonly number[]> => {
    const service = await startPayments(database, release)
    const { status, body } = await call(`${service.url}/payments/pending`)
    await service.stop()
    expect(status).toBe(200)
    expect(body.count).toBe(body.payments.length)
    return body.payments.slice(0, 50).map((payment) => payment.id)
  }

  it('2.3.1 loses the index of its own query, 2.3.0 can go back to it, 2.3.2 brings an index back', async () => {
    expect(await scanOf('2.3.0')).toBe('Index Scan Backward payment_transactions_pkey')
    expect(await scanOf('2.3.1')).toBe(`Index Scan Backward ${INDEX}`)
    const before = await newestIds('2.3.0')

    await migrate('2.3.1')
    expect(await scanOf('2.3.1')).toBe('Seq Scan')
    expect(await scanOf('2.3.0')).toBe('Index Scan Backward payment_transactions_pkey')
    expect(await newestIds('2.3.1')).toEqual(before)

    await migrate('2.3.2')
    expect(await scanOf('2.3.2')).toBe(`Index Scan Backward ${INDEX}`)
    expect(await newestIds('2.3.2')).toEqual(before)
    expect(await newestIds('2.3.0')).toEqual(before)
  })

  it('2.3.2 is also fast with the index that a person built by hand, which does not help 2.3.1', async () => {
    await database.query(`DROP INDEX ${INDEX}`)
    await database.query(`CREATE INDEX ${INDEX} ON payment_transactions (created_at)`)
    await migrate('2.3.2')
    expect(await scanOf('2.3.2')).toBe(`Index Scan Backward ${INDEX}`)
    expect(await scanOf('2.3.1')).toBe('Seq Scan')
  })

  it('find rows that hold together although they were loaded without checks', async () => {
    const [broken] = await database.query(`
      SELECT (SELECT count(*)::int FROM order_details o LEFT JOIN customer_data c ON c.id = o.customer_id WHERE c.id IS NULL) AS orders,
        (SELECT count(*)::int FROM payment_transactions p LEFT JOIN order_details o ON o.id = p.order_id
          WHERE o.id IS NULL OR o.customer_id <> p.customer_id) AS payments,
        (SELECT count(*)::int FROM settlements s LEFT JOIN payment_transactions p ON p.id = s.payment_id AND p.status = 'settled'
          WHERE p.id IS NULL) AS settlements`)
    expect(broken).toEqual({ orders: 0, payments: 0, settlements: 0 })
  })

  it('find half a percent pending, most of it among the newest twentieth', async () => {
    const [share] = await database.query<{ pending: number; recent: number }>(
      `SELECT count(*)::float8 / ${ROWS} AS pending, count(*) FILTER (WHERE id > ${ROWS * 0.95})::float8 / count(*) AS recent
       FROM payment_transactions WHERE status = 'pending' AND id <= ${ROWS}`,
    )
    expect(share?.pending).toBeCloseTo(0.005, 3)
    expect(share?.recent).toBeGreaterThan(0.7)
  })

  it('find the same rows for the same seed and others for another', async () => {
    const fingerprint = async (name: string, seed: number) => {
      await database.query(`CREATE DATABASE ${name}`)
      const url = new URL(database.url)
      url.pathname = `/${name}`
      const { default: pg } = await import('pg')
      const client = new pg.Client({ connectionString: url.href })
      await client.connect()
      for (const text of migrationsOf('2.3.0')) await client.query(text)
      await generate({ connectionString: url.href, rows: 1_000, seed, until: new Date('2024-03-15T14:00:00Z') })
      const { rows } = await client.query(
        'SELECT md5(string_agg(p::text, $1 ORDER BY id)) AS md5 FROM payment_transactions p',
        [','],
      )
      await client.end()
      return rows[0]?.md5
    }
    const one = await fingerprint('one', 1)
    expect(await fingerprint('again', 1)).toBe(one)
    expect(await fingerprint('other', 2)).not.toBe(one)
  })

  it('refuse to be filled twice, or with no sensible number of rows', async () => {
    await expect(generate({ connectionString: database.url, rows: 1_000 })).rejects.toThrow(
      'customer_data has rows already',
    )
    await expect(generate({ connectionString: database.url, rows: 10 })).rejects.toThrow('rows must be a whole number')
  })
})
