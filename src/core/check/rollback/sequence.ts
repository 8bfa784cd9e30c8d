/** In which order code and schema may change, said in sentences. */
import type { BrokenQuery, RollbackSafety } from '../result.ts'
import type { ParsedFile } from '../sql.ts'
import { type Phase, phaseOf } from './phases.ts'

/** Statements named in one sentence; the rest is counted. */
const MAX_NAMED = 6

interface Placed {
  readonly place: string
  readonly phase: Phase
}

function placed(files: readonly ParsedFile[], broken: readonly BrokenQuery[]): readonly Placed[] {
  const guilty = new Set(
    broken.flatMap(({ blamedOn, kind }) => (kind === 'error' && blamedOn ? [`${blamedOn.file}:${blamedOn.line}`] : [])),
  )
  return files.flatMap((file) =>
    file.statements.map((statement) => {
      const place = `${file.path}:${statement.line}`
      // What was seen to break old code belongs to the last phase, whatever it looks like.
      return { place, phase: guilty.has(place) ? 'contract' : phaseOf(statement) }
    }),
  )
}

function list(places: readonly string[]): string {
  const shown = places.slice(0, MAX_NAMED).join(', ')
  return places.length > MAX_NAMED ? `${shown} and ${places.length - MAX_NAMED} more` : shown
}

/**
 * The steps of a safe change: expand, new code, contract. One sentence each; a change that needs no order gets one
 * sentence that says so.
 */
export function sequenceOf(change: {
  readonly files: readonly ParsedFile[]
  readonly broken: readonly BrokenQuery[]
  readonly order: RollbackSafety['order']
}): readonly string[] {
  const { order } = change
  const all = placed(change.files, change.broken)
  const places = (...phases: readonly Phase[]) =>
    all.filter((one) => phases.includes(one.phase)).map((one) => one.place)
  const contract = places('contract')
  if (order === 'any') return ['Schema and code may go out in any order: each release runs on both schemas.']
  if (order === 'schema-first')
    return [
      '1. Apply the migration.',
      '2. Release the new code, which needs it. The old code runs on the new schema, so going back is safe.',
    ]
  if (order === 'code-first')
    return [
      '1. Release the new code; it runs on the old schema.',
      `2. When it has been at 100 % for the bake time, apply ${list(contract)}: after that the old release cannot come back.`,
    ]
  const expand = places('expand', 'data', 'neutral')
  return [
    `1. Expand: apply ${expand.length === 0 ? 'what the new code needs, so that both releases can run' : list(expand)}.`,
    '2. Release the new code.',
    `3. Contract, when it has been at 100 % for the bake time: apply ${list(contract)}. After that the old release cannot come back.`,
    'As it is, in one step, the old release fails on the new schema and the new release on the old one.',
  ]
}
