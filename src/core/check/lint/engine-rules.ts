/** Findings that come from reading the files, not from looking at a statement. */
import type { FindingSeverity } from '../severity.ts'

/** What is listed of a rule of the engine. */
export interface EngineRule {
  readonly id: string
  readonly title: string
  readonly level: FindingSeverity
}

/** Have pages in docs/rules like all others; they can be set to another level or off, and not be ignored by comments. */
export const ENGINE_RULES = {
  syntaxError: { id: 'syntax-error', title: 'SQL that PostgreSQL cannot read', level: 'error' },
  ignoreWithoutReason: { id: 'ignore-without-reason', title: 'Ignore comment without a reason', level: 'warning' },
  unknownRule: { id: 'unknown-rule-in-ignore', title: 'Ignore comment that names no rule', level: 'warning' },
  unusedIgnore: { id: 'unused-ignore', title: 'Ignore comment that ignores nothing', level: 'note' },
  notChecked: { id: 'not-checked', title: 'Something in the file that cannot be looked into', level: 'note' },
} as const satisfies Record<string, EngineRule>
