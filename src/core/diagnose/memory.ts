/** What is remembered of statements: how they ran before the release, and how their text read when it was whole. */
import type { EpochMs } from '../../base/time.ts'
import type { ServiceName } from '../../base/units.ts'
import { type Fingerprint, fingerprintOf, mayBeTruncated } from '../postgres/fingerprint.ts'
import type { Observation, RunningStatement, StatementDelta } from '../watch/samples.ts'

/** Executions that ended, and the time that they took in all. */
export interface Ran {
  readonly calls: number
  readonly totalMs: number
}

/** Grows with every look, up to a limit. */
export interface StatementMemory {
  /** `queryId` of PostgreSQL → our fingerprint and the text that pg_stat_statements keeps. */
  readonly kept: Readonly<Record<string, { readonly fingerprint: Fingerprint; readonly text: string }>>
  /** Everything seen since the start. */
  readonly ran: Readonly<Record<Fingerprint, Ran>>
  /** The same as it stood when the newest release was requested. Null without a release. */
  readonly before: Readonly<Record<Fingerprint, Ran>> | null
  /** Looks that `before` rests on: what is missing in it is new only when somebody had looked. */
  readonly looksBefore: number
  readonly looks: number
  /** A whole text with its literals, as some session ran it: planned as it runs. */
  readonly literal: Readonly<Record<Fingerprint, string>>
  readonly lastAt: EpochMs | null
}

export const EMPTY_MEMORY: StatementMemory = {
  kept: {},
  ran: {},
  before: null,
  looksBefore: 0,
  looks: 0,
  literal: {},
  lastAt: null,
}

/** Distinct statements remembered; beyond it new ones are not taken in. */
const MAX_STATEMENTS = 2000

/** Only what can be planned and belongs to an application: no maintenance, no view of the statistics itself. */
export const isApplicationStatement = (text: string): boolean =>
  /^\s*(?:\/\*.*?\*\/\s*|--[^\n]*\n\s*)*(select|insert|update|delete|with|merge|values)\b/is.test(text) &&
  !/\bpg_stat_|\bpg_catalog\./i.test(text)

/** Of a running statement; of the text that pg_stat_statements keeps when this one may be cut off. */
export function fingerprintRunning(memory: StatementMemory, statement: RunningStatement): Fingerprint {
  const kept = statement.queryId === null ? undefined : memory.kept[statement.queryId]
  return mayBeTruncated(statement.query) && kept !== undefined ? kept.fingerprint : fingerprintOf(statement.query)
}

/** Of a statement of pg_stat_statements; read once per `queryId`. */
export const fingerprintDelta = (memory: StatementMemory, delta: StatementDelta): Fingerprint =>
  memory.kept[delta.queryId]?.fingerprint ?? fingerprintOf(delta.query)

/** Takes in the observations that are newer than those taken in before. */
export function remember(
  memory: StatementMemory,
  recent: readonly Observation[],
  service: ServiceName,
): StatementMemory {
  const fresh = recent.filter((one) => one.at > (memory.lastAt ?? 0))
  if (fresh.length === 0) return memory
  const kept = { ...memory.kept }
  const ran: Record<string, Ran> = { ...memory.ran }
  const literal: Record<string, string> = { ...memory.literal }
  let room = MAX_STATEMENTS - Math.max(Object.keys(kept).length, Object.keys(ran).length)
  const learnt: StatementMemory = { ...memory, kept }
  for (const { database } of fresh) {
    for (const delta of database?.statements ?? []) {
      if (!isApplicationStatement(delta.query)) continue
      const fingerprint = fingerprintDelta(learnt, delta)
      const so = ran[fingerprint]
      if (kept[delta.queryId] === undefined || so === undefined) {
        if (room <= 0) continue
        room -= 1
        kept[delta.queryId] = { fingerprint, text: delta.query }
      }
      ran[fingerprint] = { calls: (so?.calls ?? 0) + delta.calls, totalMs: (so?.totalMs ?? 0) + delta.totalMs }
    }
    for (const statement of database?.running ?? []) {
      if (statement.service !== service || !isApplicationStatement(statement.query)) continue
      const fingerprint = fingerprintRunning(learnt, statement)
      if (ran[fingerprint] === undefined) {
        if (room <= 0) continue
        room -= 1
        ran[fingerprint] = { calls: 0, totalMs: 0 }
      }
      if (!mayBeTruncated(statement.query)) literal[fingerprint] ??= statement.query
    }
  }
  const looks = memory.looks + fresh.filter((one) => one.database !== null).length
  return { ...memory, kept, ran, literal, looks, lastAt: fresh[fresh.length - 1]?.at ?? memory.lastAt }
}

/** A release begins: what ran until now is how it was before. */
export const freeze = (memory: StatementMemory): StatementMemory => ({
  ...memory,
  before: memory.ran,
  looksBefore: memory.looks,
})

/** The text that pg_stat_statements keeps of it, with `$n`; null when it was not seen there. */
export const keptText = (memory: StatementMemory, fingerprint: Fingerprint): string | null =>
  Object.values(memory.kept).find((one) => one.fingerprint === fingerprint)?.text ?? null
