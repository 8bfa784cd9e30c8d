import { tokensOf } from '../../../postgres/tokens.ts'
import type { SequenceSnapshot } from '../../snapshot.ts'
import type { LintHit, LintRule } from '../rule.ts'
import { written } from '../tree/pick.ts'

/** Shares of its range from which on a sequence is worth a word, and from which on it is urgent. */
const WARN_FROM = 0.6
const FAIL_FROM = 0.85

/** Share of the numbers that are used, 0 to 1. Plain numbers are exact enough for a share. */
function usedShare(sequence: SequenceSnapshot): number {
  const [last, max] = [Number(sequence.lastValue ?? 0), Number(sequence.maxValue)]
  return max > 0 && Number.isFinite(last) ? last / max : 0
}

function hitOf(sequence: SequenceSnapshot, column: string): LintHit {
  const share = usedShare(sequence)
  const percent = (share * 100).toFixed(0)
  return {
    level: share >= FAIL_FROM ? 'error' : 'warning',
    message: `The sequence ${written({ schema: sequence.schema, name: sequence.name })} of ${column} has used ${percent} % of its numbers (${sequence.lastValue} of ${sequence.maxValue}): at the end every INSERT fails.`,
    remedy:
      'Move the id to bigint: add a bigint column, keep it in step by a trigger, copy in batches, swap the names in one short transaction.',
  }
}

/** Told once a file, for the tables that the file is about: who touches a table should know what it is heading for. */
export const sequenceNearEnd: LintRule = {
  id: 'sequence-near-end',
  title: 'Ids that will run out',
  squawk: [],
  level: 'warning',
  defaultOn: true,
  file: (context) => {
    const near = (context.sequences ?? []).filter((sequence) => usedShare(sequence) >= WARN_FROM)
    if (near.length === 0) return []
    const words = new Set(
      [context.statement, ...context.before, ...context.after].flatMap(({ sql }) =>
        tokensOf(sql).map(({ text }) => text.replace(/^"|"$/g, '')),
      ),
    )
    return near.flatMap((sequence) => {
      const table = sequence.ownedBy?.split('.').at(-2)
      return table !== undefined && words.has(table) ? [hitOf(sequence, sequence.ownedBy ?? table)] : []
    })
  },
}
