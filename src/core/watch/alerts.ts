/**
 * The alert rules as a monitor. Each rule is inactive, pending, firing, or without data.
 *
 * A1 An alert fires when its figure has stayed above the threshold for the rule's `for`, never earlier.
 * A2 Between two firings of a rule lies a resolution, and the other way round.
 * A3 Without data a rule neither fires nor resolves; what it was (firing or not) it still is when data is back.
 * A4 A pending rule that loses its data starts its `for` anew: silence is no evidence.
 */
import { type EpochMs, elapsed } from '../../base/time.ts'
import type { ServiceName } from '../../base/units.ts'
import { fact, type LedgerEvent, type NewEvent, type Source } from '../events.ts'
import type { Look, Monitor } from '../monitor.ts'
import { figure, spanText } from '../wording.ts'
import { databaseTimes, type Reading, type References, readingOf } from './readings.ts'
import type { AlertRule } from './rules.ts'
import type { Observation } from './samples.ts'

/** Where a rule is. Being without data is a state of its own. */
export type RuleState =
  | { readonly phase: 'inactive' }
  | { readonly phase: 'pending'; readonly since: EpochMs }
  /** `clearSince`: since when the figure has been low enough to end it. */
  | { readonly phase: 'firing'; readonly since: EpochMs; readonly clearSince: EpochMs | null }
  | { readonly phase: 'no-data'; readonly since: EpochMs; readonly firingSince: EpochMs | null }

/** What the alerts remember between looks. */
export interface AlertState {
  readonly rules: Readonly<Record<string, RuleState>>
  readonly references: References
}

/** Releases whose database time is remembered; the oldest is forgotten first. */
const MAX_REFERENCES = 8
const SOURCE: Source = { kind: 'premortem', name: 'alerts' }
const INACTIVE: RuleState = { phase: 'inactive' }

interface Step {
  readonly state: RuleState
  readonly emits: 'fired' | 'resolved' | null
}

const stillAs = (state: RuleState): Step => ({ state, emits: null })
const firing = (since: EpochMs, clearSince: EpochMs | null = null): RuleState => ({
  phase: 'firing',
  since,
  clearSince,
})

function whileFiring(since: EpochMs, clearSince: EpochMs | null, look: RuleLook): Step {
  const { rule, reading, at } = look
  if (!reading.clear) return stillAs(firing(since))
  const from = clearSince ?? at
  if (elapsed({ from, to: at }) >= rule.resolve.for) return { state: INACTIVE, emits: 'resolved' }
  return stillAs(firing(since, from))
}

function whileQuiet(since: EpochMs | null, look: RuleLook): Step {
  const { rule, reading, at } = look
  if (!reading.above) return stillAs(INACTIVE)
  const from = since ?? at
  if (elapsed({ from, to: at }) >= rule.for) return { state: firing(at), emits: 'fired' }
  return stillAs({ phase: 'pending', since: from })
}

interface RuleLook {
  readonly rule: AlertRule
  readonly reading: Reading
  readonly at: EpochMs
}

/** One rule, one look. Total over the phases. */
export function stepRule(
  state: RuleState,
  look: { readonly rule: AlertRule; readonly reading: Reading | null; readonly at: EpochMs },
): Step {
  const { rule, reading, at } = look
  if (reading === null) {
    if (state.phase === 'no-data') return stillAs(state)
    const firingSince = state.phase === 'firing' ? state.since : null
    return stillAs({ phase: 'no-data', since: at, firingSince })
  }
  const known = { rule, reading, at }
  switch (state.phase) {
    case 'inactive':
      return whileQuiet(null, known)
    case 'pending':
      return whileQuiet(state.since, known)
    case 'firing':
      return whileFiring(state.since, state.clearSince, known)
    case 'no-data':
      return state.firingSince === null ? whileQuiet(null, known) : whileFiring(state.firingSince, null, known)
  }
}

function firedEvent(look: RuleLook, since: EpochMs): NewEvent {
  const { rule, reading, at } = look
  const lasted = elapsed({ from: since, to: at })
  const limit = `above ${figure(reading.threshold)} ${rule.unit}`
  return fact({ at, source: SOURCE }, 'alert.fired', {
    rule: rule.id,
    severity: rule.severity,
    release: reading.release,
    value: reading.value,
    threshold: reading.threshold,
    unit: rule.unit,
    message: `${reading.text}, ${limit}${lasted > 0 ? ` for ${spanText(lasted)}` : ''}.`,
  })
}

function resolvedEvent(look: RuleLook, clearSince: EpochMs): NewEvent {
  const { rule, reading, at } = look
  const lasted = spanText(elapsed({ from: clearSince, to: at }))
  return fact({ at, source: SOURCE }, 'alert.resolved', {
    rule: rule.id,
    severity: rule.severity,
    value: reading.value,
    message: `${reading.text}, low enough for ${lasted}: no longer above ${figure(rule.threshold)} ${rule.unit}.`,
  })
}

function emitted(before: RuleState, look: RuleLook, emits: Step['emits']): readonly NewEvent[] {
  if (emits === 'fired') return [firedEvent(look, before.phase === 'pending' ? before.since : look.at)]
  if (emits === null) return []
  return [resolvedEvent(look, (before.phase === 'firing' ? before.clearSince : null) ?? look.at)]
}

const newestReferences = (references: References): References =>
  Object.fromEntries(Object.entries(references).slice(-MAX_REFERENCES))

/** After a restart the ledger tells what fires; what was already known from the looks is kept. */
function noted(state: AlertState, event: LedgerEvent): AlertState {
  if (event.type !== 'alert.fired' && event.type !== 'alert.resolved') return state
  const known = state.rules[event.data.rule]
  const fires = known?.phase === 'firing' || (known?.phase === 'no-data' && known.firingSince !== null)
  if (known !== undefined && fires === (event.type === 'alert.fired')) return state
  const next = event.type === 'alert.fired' ? firing(event.at) : INACTIVE
  return { ...state, rules: { ...state.rules, [event.data.rule]: next } }
}

/**
 * Fires and resolves alerts for one service: one event per transition, with the numbers in its message.
 * @param options.rules ids must be distinct
 * @throws RangeError when two rules share an id
 */
export function alertMonitor(options: {
  readonly service: ServiceName
  readonly rules: readonly AlertRule[]
}): Monitor<AlertState> {
  const { service, rules } = options
  if (new Set(rules.map((rule) => rule.id)).size !== rules.length) throw new RangeError('two alert rules share an id')

  const look = (state: AlertState, recent: readonly Observation[]): Look<AlertState> => {
    const at = recent[recent.length - 1]?.at
    if (at === undefined) return { state, facts: [], questions: [] }
    let references = state.references
    const next: Record<string, RuleState> = { ...state.rules }
    const facts: NewEvent[] = []
    for (const rule of rules) {
      const before = state.rules[rule.id] ?? INACTIVE
      const context = { service, rule, recent, references: state.references }
      const reading = readingOf(context)
      const step = stepRule(before, { rule, reading, at })
      next[rule.id] = step.state
      if (reading !== null) facts.push(...emitted(before, { rule, reading, at }, step.emits))
      if (rule.measure === 'database-time') references = newestReferences({ ...references, ...databaseTimes(context) })
    }
    return { state: { rules: next, references }, facts, questions: [] }
  }

  return {
    name: `alerts:${service}`,
    initial: { rules: {}, references: {} },
    note: noted,
    look,
    answer: (state) => ({ state, facts: [], questions: [] }),
  }
}
