/**
 * How long it takes to plan 1,000 different queries in two databases, each with a generic plan and four with values, and
 * how much memory the process has at the most. Prints the figures and adds them to PLANS.md.
 * `npx node bench/check/plans.ts`, on a quiet machine.
 */
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../../src/adapters/embedded/server.ts'
import { planQueries } from '../../src/adapters/phantom/planner.ts'
import type { PlannedQuery } from '../../src/core/check/plans.ts'
import type { WorkloadQuery } from '../../src/core/check/snapshot.ts'
import { snapshotOf } from './plans-snapshot.ts'

const QUERIES = 1000
const TABLES = 40
const ROWS = 20_000
const STATUSES = ['done', 'pending', 'failed', 'reversed', 'held', 'new']
const RESULTS = new URL('./PLANS.md', import.meta.url)

/** Tables like those of a shop: skewed states, a reference to the next table, times in order. */
const tableSql = (n: number) => `
  create table orders_${n} (id bigint primary key, parent_id bigint not null, status text not null, amount numeric(12, 2),
    created_at timestamptz not null, email text, note text);
  insert into orders_${n} select i, 1 + (i * 7919) % ${ROWS}, (array['${STATUSES.join("','")}'])[
      1 + floor(6 * power((i * 31 % 1000) / 1000.0, 4))::int], (i % 997) / 10.0,
    '2024-01-01'::timestamptz + i * interval '3 minutes', 'user' || i || '@example.com', repeat('x', i % 60)
  from generate_series(1, ${ROWS}) i;
  create index on orders_${n} (created_at); create index on orders_${n} (parent_id);
  create index on orders_${n} (status, created_at)${n % 2 === 0 ? '' : `; create index on orders_${n} (lower(email))`};`

/** Ten kinds of queries over the tables; all have a skewed and a ranged parameter, so each has four plans with values. */
function textOf(n: number): string {
  const [a, b, c] = [n % TABLES, (n * 7 + 1) % TABLES, (n * 11 + 3) % TABLES].map((t) => `orders_${t}`)
  const condition = `a.status = $1 and a.created_at > $2 /* ${n} */`
  const join = `${a} a join ${b} b on b.id = a.parent_id`
  const kinds = [
    `select * from ${a} a where ${condition} order by a.created_at desc limit $3`,
    `select a.id, b.email from ${join} where ${condition} and b.amount > $3`,
    `select count(*), sum(a.amount) from ${a} a where ${condition} group by a.parent_id having count(*) > $3`,
    `select a.* from ${join} join ${c} c on c.id = b.parent_id where ${condition} and c.status in ($3, $4)`,
    `update ${a} a set note = $3 where ${condition}`,
    `select * from ${a} a where ${condition} and exists (select from ${b} b where b.parent_id = a.id and b.status = $3)`,
    `with recent as (select * from ${a} a where ${condition}) select * from recent r join ${b} b on b.id = r.parent_id limit $3`,
    `select * from ${a} a left join ${b} b on b.parent_id = a.id where ${condition} and b.id is null`,
    `delete from ${a} a where ${condition} and a.amount < $3`,
    `select a.id from ${a} a where ${condition} union all select b.id from ${b} b where b.status = $3 and b.created_at < $4`,
  ]
  return kinds[n % kinds.length] ?? ''
}

const queryOf = (n: number): WorkloadQuery => ({
  fingerprint: `${n}`,
  text: textOf(n),
  name: null,
  callsPerMinute: 1,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: null,
  line: null,
})

function plansOf(planned: readonly PlannedQuery[]): number {
  const failed = planned.find(({ unplanned }) => unplanned !== null)
  if (failed !== undefined) throw new Error(`${failed.query.text}: ${failed.unplanned?.reason}`)
  return planned.reduce((sum, { variants }) => sum + variants.length, 0)
}

async function prepareDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (let n = 0; n < TABLES; n += 1) await client.query(tableSql(n))
  await client.query('analyze')
  await client.end()
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6)

function keep(line: string): void {
  if (!existsSync(RESULTS)) {
    const head = `# Planning a workload\n\n${QUERIES} different queries over ${TABLES} tables (one to three joined, a skewed and a ranged parameter each), in two\ndatabases, a generic plan and four with values for each: \`npx node bench/check/plans.ts\`. "Peak" is the largest resident\nset of the process that plans, with all plans kept; the server's memory is not in it. The aim is 15 s and 400 MB on 2 cores.\n\n| plans | seconds | ms per plan | peak MB | processors | Node |\n| --- | --- | --- | --- | --- | --- |\n`
    writeFileSync(RESULTS, head)
  }
  appendFileSync(RESULTS, `${line}\n`)
}

async function main(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'premortem-bench-'))
  const settings = { autovacuum: 'off', fsync: 'off' }
  const server = await startEmbedded({ name: 'plans', root, settings, initdbFlags: ['--no-data-checksums'] })
  try {
    await prepareDatabase(server.connectionString())
    const client = new pg.Client({ connectionString: server.connectionString() })
    await client.connect()
    const snapshot = await snapshotOf(client)
    await client.query('create database after template postgres')
    await client.end()
    const queries = Array.from({ length: QUERIES }, (_, n) => queryOf(n))
    const { signal } = new AbortController()
    let peak = 0
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 20)
    const start = performance.now()
    const kept: (readonly PlannedQuery[])[] = []
    for (const database of ['postgres', 'after']) {
      const connectionString = server.connectionString(database)
      kept.push(await planQueries({ connectionString, queries, snapshot, connections: 2, signal }))
    }
    const seconds = (performance.now() - start) / 1000
    clearInterval(timer)
    peak = Math.max(peak, process.memoryUsage.rss())
    const plans = kept.reduce((sum, planned) => sum + plansOf(planned), 0)
    const each = ((seconds * 1000) / plans).toFixed(2)
    const line = `| ${plans.toLocaleString('en')} | ${seconds.toFixed(1)} | ${each} | ${megabytes(peak)} | ${availableParallelism()} | ${process.versions.node} |`
    process.stdout.write(`plans | seconds | ms per plan | peak MB | processors | Node\n${line}\n`)
    keep(line)
  } finally {
    await server.stop()
    rmSync(root, { recursive: true, force: true })
  }
}

await main()
