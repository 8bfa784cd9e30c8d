/** Each rule has its page, and the page is true: its bad SQL is flagged, its good SQL is not. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ENGINE_RULES } from '../../src/core/check/lint/engine-rules.ts'
import { RULES } from '../../src/core/check/lint/rules.ts'
import { pageOf, RULE_PAGES, SECTIONS, SETTINGS, saidOf, sectionsOf, sqlOf } from './documented.ts'
import { rulesTable } from './rules-table.ts'

const IDS = [...RULES, ...Object.values(ENGINE_RULES)].map(({ id }) => id).sort()

describe('the rules', () => {
  it('have names of their own', () => {
    expect(IDS).toEqual([...new Set(IDS)])
  })

  it('have a page each; the other pages are about what plans and deployments show', () => {
    const pages = readdirSync(RULE_PAGES).map((name) => name.replace(/\.md$/, ''))
    expect(pages).toEqual(expect.arrayContaining(IDS))
    const others = pages.filter((page) => !IDS.includes(page) && page !== 'README')
    const elsewhere = /^(deployed|plan|index|query|migration|snapshot)-/
    expect(others.filter((page) => !elsewhere.test(page))).toEqual([])
  })

  it('are all listed in docs/rules/README.md', () => {
    expect(readFileSync(join(RULE_PAGES, 'README.md'), 'utf8')).toContain(rulesTable())
  })
})

describe.each(IDS)('the page of %s', (id) => {
  const sections = () => sectionsOf(pageOf(id))

  it('tells the problem, bad and good SQL, and when to ignore it', () => {
    expect(pageOf(id).startsWith(`# ${id}\n`)).toBe(true)
    expect([...sections().keys()]).toEqual([...SECTIONS])
    expect(sqlOf(sections().get('Good')).length).toBeGreaterThan(0)
  })

  it('shows bad SQL that the rule flags', () => {
    const bad = sqlOf(sections().get('Bad'))
    expect(bad.length).toBeGreaterThan(0)
    expect(SETTINGS.flatMap((setting) => saidOf(id, bad, setting)).length).toBeGreaterThan(0)
  })

  it('shows good SQL that the rule does not flag', () => {
    const good = sqlOf(sections().get('Good'))
    expect(SETTINGS.flatMap((setting) => saidOf(id, good, setting)).map(({ message }) => message)).toEqual([])
  })
})
