import { Problem } from '../../../base/problem.ts'
import type { FindingSeverity } from '../severity.ts'
import type { LintConfig, RuleSetting } from './config.ts'
import { ENGINE_RULES } from './engine-rules.ts'
import type { LintRule } from './rule.ts'

/** The ids that a name stands for: our own, or all rules that say what a rule of squawk says. */
export type KnownRules = ReadonlyMap<string, readonly string[]>

/** The rules as a config sets them up. */
export interface ChosenRules {
  readonly run: readonly LintRule[]
  readonly known: KnownRules
  /** Levels that the config gives. */
  readonly fixed: ReadonlyMap<string, FindingSeverity>
  readonly off: ReadonlySet<string>
}

/** Every name by which a rule may be called. */
export function knownRules(rules: readonly LintRule[]): KnownRules {
  const known = new Map<string, readonly string[]>()
  for (const rule of rules) {
    for (const name of rule.squawk) known.set(name, [...(known.get(name) ?? []), rule.id])
  }
  for (const { id } of [...rules, ...Object.values(ENGINE_RULES)]) known.set(id, [id])
  return known
}

const MAX_DISTANCE = 4

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The known name that is most like one that is not known; null when none is near. */
export function nearestRule(name: string, known: KnownRules): string | null {
  const near = [...known.keys()]
    .map((one) => ({ one, far: distance(name, one) }))
    .sort((a, b) => a.far - b.far || a.one.localeCompare(b.one))[0]
  return near !== undefined && near.far <= MAX_DISTANCE ? near.one : null
}

function idsOf(name: string, known: KnownRules): readonly string[] {
  const ids = known.get(name)
  if (ids !== undefined) return ids
  const nearest = nearestRule(name, known)
  throw new Problem({
    code: 'unknown-rule',
    what: `There is no lint rule ${name}${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    remedy: 'Use a name of `premortem lint --list-rules`; names of squawk work too.',
  })
}

/**
 * Which rules run, and at which level.
 * @throws Problem `unknown-rule` when the config names one that does not exist
 */
export function chooseRules(rules: readonly LintRule[], config: LintConfig): ChosenRules {
  const known = knownRules(rules)
  const settings = new Map<string, RuleSetting>()
  for (const [name, setting] of Object.entries(config.rules ?? {})) {
    for (const id of idsOf(name, known)) settings.set(id, setting)
  }
  const fixed = new Map<string, FindingSeverity>()
  for (const [id, setting] of settings) if (setting !== 'off' && setting !== 'on') fixed.set(id, setting)
  const runs = ({ id, defaultOn }: LintRule) => (settings.has(id) ? settings.get(id) !== 'off' : defaultOn)
  const off = new Set([...settings].filter(([, setting]) => setting === 'off').map(([id]) => id))
  return { run: rules.filter(runs), known, fixed, off }
}
