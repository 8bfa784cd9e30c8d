import pc from 'picocolors'
import { ENGINE_RULES, type EngineRule } from '../../core/check/lint/engine-rules.ts'
import type { LintRule } from '../../core/check/lint/rule.ts'
import { RULES } from '../../core/check/lint/rules.ts'

type Listed = EngineRule & Partial<Pick<LintRule, 'squawk' | 'defaultOn'>>

/** All rules by id: for people, or as JSON. */
export function listRules(json: boolean): string {
  const rules: readonly Listed[] = [...RULES, ...Object.values(ENGINE_RULES)].sort((a, b) => a.id.localeCompare(b.id))
  const rows = rules.map(({ id, title, level, squawk = [], defaultOn = true }) => ({
    id,
    level,
    defaultOn,
    title,
    squawk,
    page: `docs/rules/${id}.md`,
  }))
  if (json) return `${JSON.stringify(rows, null, 2)}\n`
  const width = Math.max(...rows.map(({ id }) => id.length))
  const lines = rows.map(({ id, level, defaultOn, title, squawk }) => {
    const also = squawk.length === 0 ? '' : pc.dim(` (squawk: ${squawk.join(', ')})`)
    return `${id.padEnd(width)}  ${(defaultOn ? level : 'off').padEnd(7)}  ${title}${also}`
  })
  return `${lines.join('\n')}\n`
}
