import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../postgres/fingerprint.ts'
import { queriesFromSql } from './sql-file.ts'

const text = (sql: string) => queriesFromSql(sql, 'q.sql').map((query) => query.text)

describe('queries from a file', () => {
  it('have the name, the calls and the role that comments tell, and their place', () => {
    const file = `-- name: ListPending :many\n-- calls: 1,240/min\n-- role: app\nselect * from p where a = @a;\ncreate table x ();\n/* name: Two */\n-- calls: 2/s\ndelete from p`
    expect(queriesFromSql(file, 'q.sql')).toMatchObject([
      { name: 'ListPending', callsPerMinute: 1240, role: 'app', file: 'q.sql', line: 4, source: 'file' },
      { name: 'Two', callsPerMinute: 120, role: null, line: 8 },
    ])
  })

  it('have numbered parameters, whichever way they are written', () => {
    expect(text('select 1 from t where a = @a and b = :b and c = sqlc.arg(a) and d = ? and e = $2')).toEqual([
      'select 1 from t where a = $3 and b = $4 and c = $3 and d = $5 and e = $2',
    ])
  })

  it('keep operators, casts, slices, strings and comments that look like parameters', () => {
    const sql = `select a::text, b[1:2], c @> '{:x}', d ? 'k', e @@ f, "q?" from t -- :no @no ?`
    expect(text(sql)).toEqual([sql.replace(/ --.*/, '')])
  })

  it('have the fingerprint that pg_stat_statements text of the same query has', () => {
    const [query] = queriesFromSql("select * from p where a = @a and b = 'x' limit 5", 'q.sql')
    expect(query?.fingerprint).toBe(fingerprintOf('select * from p where a = $1 and b = $2 limit $3'))
  })
})
