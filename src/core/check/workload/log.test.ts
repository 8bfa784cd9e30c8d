import { describe, expect, it } from 'vitest'
import { queriesFromLog } from './log.ts'

const PLAIN = `2026-03-01 10:00:00.000 UTC [71] app@shop LOG:  duration: 2.000 ms  statement: select * from orders
\twhere id = 42 and note = 'secret'
2026-03-01 10:00:01.000 UTC [71] app@shop LOG:  duration: 4.000 ms  execute <unnamed>: select * from orders where id = $1 and note = $2
2026-03-01 10:00:01.000 UTC [71] app@shop DETAIL:  parameters: $1 = '1', $2 = 'hidden'
2026-03-01 10:01:00.000 UTC [71] app@shop ERROR:  relation "x" does not exist at character 15
2026-03-01 10:01:00.000 UTC [71] app@shop STATEMENT:  select * from x
2026-03-01 10:02:00.000 UTC [71] app@shop LOG:  duration: 9.5 ms  plan:
\tQuery Text: delete from carts where at < now() - interval '1 day'
\tDelete on carts  (cost=0.00..1.00 rows=1 width=6)
2026-03-01 10:02:00.000 UTC [1] LOG:  checkpoint starting: time
`

describe('queries from a log', () => {
  it('counts statements that differ in their literals as one, with mean and calls per minute', () => {
    const [cart, order, ...more] = queriesFromLog(PLAIN)
    expect(more).toEqual([])
    expect(cart).toMatchObject({ text: 'delete from carts where at < now() - $1::interval', meanMs: 9.5 })
    expect(order).toMatchObject({ meanMs: 3, callsPerMinute: 1, role: 'app', source: 'log' })
    expect(order?.text).toMatch(/where id = \$1 and note = \$2$/)
  })

  it('lets no literal of a statement leave', () => {
    expect(JSON.stringify(queriesFromLog(PLAIN))).not.toMatch(/secret|hidden|42/)
  })

  it('reads the CSV format, with line breaks and quotes in a statement', () => {
    const line = (message: string) =>
      `2026-03-01 10:00:00.000 UTC,"app","shop",71,"127.0.0.1:5",65,1,"SELECT",2026-03-01 09:00:00 UTC,3/1,0,LOG,00000,"${message}",,,,,,,,,"psql","client backend",,0\n`
    const text =
      line('duration: 2.0 ms  statement: select ""Id"" from t\nwhere a = \'x\'') +
      line('duration: 4.0 ms  statement: select ""Id"" from t where a = \'y\'')
    expect(queriesFromLog(text)).toMatchObject([{ text: 'select "Id" from t\nwhere a = $1', meanMs: 3, role: 'app' }])
  })

  it('reads the JSON format, and goes on when its last line is cut off', () => {
    const line = {
      timestamp: '2026-03-01 10:00:00.000 UTC',
      user: 'app',
      message: 'duration: 2.0 ms  statement: select 1 from t',
    }
    expect(queriesFromLog(`${JSON.stringify(line)}\n{"timestamp":"2026`)).toMatchObject([
      { text: 'select $1 from t', meanMs: 2, role: 'app' },
    ])
  })

  it('finds nothing in a text that is no log', () => {
    expect(queriesFromLog('')).toEqual([])
    expect(queriesFromLog('Dear customer,\nselect one of these.\n')).toEqual([])
  })
})
