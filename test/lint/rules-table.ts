/** The table of docs/rules/README.md. `node test/lint/rules-table.ts` writes it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENGINE_RULES, type EngineRule } from '../../src/core/check/lint/engine-rules.ts'
import type { LintRule } from '../../src/core/check/lint/rule.ts'
import { RULES } from '../../src/core/check/lint/rules.ts'

type Listed = EngineRule & Partial<Pick<LintRule, 'squawk' | 'defaultOn'>>

/** Markdown, one row a rule, by id. */
export function rulesTable(): string {
  const rules: readonly Listed[] = [...RULES, ...Object.values(ENGINE_RULES)].sort((a, b) => (a.id < b.id ? -1 : 1))
  const rows = rules.map(({ id, title, level, squawk = [], defaultOn = true }) => [
    `[${id}](${id}.md)`,
    title.replaceAll('|', '\\|'),
    defaultOn ? level : `off (${level})`,
    squawk.join(', '),
  ])
  const head = ['rule', 'finds', 'level', 'squawk']
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '../../docs/rules/README.md')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/\n(?:\|[^\n]*\n)+/, `\n${rulesTable()}\n`))
}
