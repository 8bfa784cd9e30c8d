import { describe, expect, it } from 'vitest'
import { flagged } from '../../../../../test/lint/rule-testing.ts'
import { enumType as rule } from './enum-type.ts'

describe('enum-type', () => {
  it('flags an enum by name', () => {
    expect(flagged(rule, 'CREATE TYPE shop."State" AS ENUM (\'a\')')[0]?.message).toContain('shop."State"')
  })

  it('passes other types, and is off unless the config turns it on', () => {
    expect(flagged(rule, 'CREATE TYPE pair AS (a int, b int)')).toEqual([])
    expect(rule.defaultOn).toBe(false)
  })
})
