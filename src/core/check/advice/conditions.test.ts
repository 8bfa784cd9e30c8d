import { describe, expect, it } from 'vitest'
import { readConditions, readSortKey } from './conditions.ts'

const read = (condition: string, query = '') =>
  readConditions(condition, ['p', 'payments'], query).map(
    ({ use, key, join }) => `${use} ${key.sql}${join ? ' (join)' : ''}`,
  )

describe('the conditions of a plan', () => {
  it.each([
    ["(status = 'pending'::text)", ['equal status']],
    ['((p.status)::text = $1)', ['equal status']],
    [
      "((status = 'a'::text) AND (created_at > now()) AND (amount <= '5'::numeric))",
      ['equal status', 'range created_at', 'range amount'],
    ],
    ["(id = ANY ('{1,2}'::bigint[]))", ['equal id']],
    ['(lower(p.email) = $1)', ['equal lower(email)']],
    ["((payload ->> 'kind'::text) = $1)", ["equal payload ->> 'kind'::text"]],
    ['(tags @> $1)', ['contains tags']],
    ['(p.customer_id = c.id)', ['equal customer_id (join)']],
    ['(c.id = p.customer_id)', ['equal customer_id (join)']],
    ['($1 < created_at)', ['range created_at']],
    ['((a = 1) OR (b = 2))', []],
    ['(c.id = 5)', []],
    ['(a = b)', []],
    ['NOT flag', []],
    ["(name ~~ '%x%'::text)", []],
    ['(\'Name\' = "Name")', ['equal "Name"']],
  ])('%s', (condition, expected) => {
    expect(read(condition)).toEqual(expected)
  })

  it('are constant only when the constant stands in the query', () => {
    const constant = (query: string) => readConditions("(p.status = 'pending'::text)", ['p'], query)[0]?.constant
    expect(constant("select * from payments p where status = 'pending'")).toBe("status = 'pending'::text")
    expect(constant('select * from payments p where status = $1')).toBeNull()
  })

  it('never throw, whatever the text', () => {
    for (const text of ['', '(', ')', '((', 'AND', '= =', "'", '(a =', 'a = (b']) expect(() => read(text)).not.toThrow()
  })
})

describe('a sort key', () => {
  it.each([
    ['p.created_at DESC NULLS LAST', 'created_at DESC NULLS LAST'],
    ['created_at', 'created_at'],
    ['(lower(p.email))', 'lower(email)'],
    ['c.created_at', null],
    ['name COLLATE "C"', null],
  ])('%s', (text, expected) => {
    const key = readSortKey(text, ['p'])
    expect(key === null ? null : `${key.sql}${key.order}`).toBe(expected)
  })
})
