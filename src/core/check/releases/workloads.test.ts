import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../postgres/fingerprint.ts'
import type { WorkloadQuery } from '../snapshot.ts'
import { releaseWorkload, wholeWorkload } from './workloads.ts'

const query = (text: string, more: Partial<WorkloadQuery> = {}): WorkloadQuery => ({
  fingerprint: fingerprintOf(text),
  text,
  name: null,
  callsPerMinute: null,
  meanMs: null,
  rows: null,
  role: null,
  source: 'file',
  file: 'queries.sql',
  line: 1,
  ...more,
})
const counts = { callsPerMinute: 1240, meanMs: 0.7, rows: 50, role: 'app', source: 'pg_stat_statements' as const }

describe('the workload of a release', () => {
  it('is its written queries, with their literals, and what production counted for them', () => {
    const written = [query("SELECT id FROM t WHERE status = 'pending'", { name: 'ListPending' })]
    const counted = [query('SELECT id FROM t WHERE status = $1', { ...counts, file: null, line: null })]
    const { queries, assumptions } = releaseWorkload({ written, counted, previous: [] })
    expect(queries).toEqual([{ ...written[0], callsPerMinute: 1240, meanMs: 0.7, rows: 50, role: 'app' }])
    expect(assumptions).toEqual([])
  })

  it('takes a new query to be called as often as the one of its name before, and says so; its time is not known', () => {
    const before = query('SELECT id FROM t ORDER BY id LIMIT 50', { name: 'ListPending' })
    const written = [query('SELECT id FROM t ORDER BY created_at', { name: 'ListPending' })]
    const counted = [query(before.text, counts)]
    const { queries, assumptions } = releaseWorkload({ written, counted, previous: [before] })
    expect(queries).toEqual([{ ...written[0], callsPerMinute: 1240 }])
    expect(assumptions).toEqual([expect.stringContaining('ListPending is new')])
  })

  it('believes the calls that a file states', () => {
    const written = [query('SELECT 1 FROM t', { name: 'One', callsPerMinute: 7 })]
    const { queries } = releaseWorkload({ written, counted: [query('SELECT 2 FROM t', counts)], previous: [] })
    expect(queries[0]?.callsPerMinute).toBe(7)
  })

  it('knows nothing of a query that nobody has counted or named', () => {
    const written = [query('SELECT a FROM t')]
    expect(releaseWorkload({ written, counted: [], previous: [] }).queries[0]?.callsPerMinute).toBeNull()
  })

  it('of all production also holds what no file knows, once', () => {
    const written = [query('SELECT a FROM t', { name: 'A' }), query('SELECT n FROM t', { name: 'List' })]
    const old = [query('SELECT a FROM t', { name: 'A' }), query('SELECT o FROM t', { name: 'List' })]
    const counted = ['a', 'o', 'b'].map((column) => query(`SELECT ${column} FROM t`, counts))
    const whole = wholeWorkload({ written, old, previous: '2.3.0', counted })
    expect(whole.map((one) => [one.name, one.text])).toEqual([
      ['A', 'SELECT a FROM t'],
      ['List', 'SELECT n FROM t'],
      ['List of 2.3.0', 'SELECT o FROM t'],
      [null, 'SELECT b FROM t'],
    ])
  })
})
