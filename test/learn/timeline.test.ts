/** The timeline of a postmortem: where it begins, and that a thing is told once. */
import { describe, expect, it } from 'vitest'
import { eventId } from '../../src/base/ids.ts'
import { epochMs, ms } from '../../src/base/time.ts'
import { type Facts, type FactType, fact, type LedgerEvent } from '../../src/core/events.ts'
import { buildPostmortem } from '../../src/core/learn/build.ts'
import { renderMarkdown } from '../../src/core/learn/render.ts'
import { plain } from '../../src/core/learn/rich.ts'
import { guardedInput, sampleResult } from './sample.ts'
import { bob, clockOf, INDEX, premortem, SERVICE } from './sample-world.ts'

const clock = clockOf('guarded')
const sample = guardedInput.events

/** The act with one more event, at a minute of its clock (the bad release's migration ran at 10.3). */
const more = <T extends FactType>(minute: number, type: T, data: Facts[T], number = 1): LedgerEvent => ({
  ...fact({ at: epochMs(clock.startedAt + minute * clock.pace), source: premortem }, type, data),
  environment: sample[0]?.environment ?? '',
  service: SERVICE,
  sequence: sample.length + number,
  id: eventId(SERVICE, sample.length + number),
})

const postmortem = (...added: readonly LedgerEvent[]) =>
  buildPostmortem({
    drill: sampleResult,
    subject: { ...guardedInput, events: [...sample, ...added] },
    other: null,
  })

const linesOf = (model: ReturnType<typeof postmortem>) =>
  model.timeline.phases.flatMap((phase) => phase.entries.map((entry) => plain(entry.text)))

const change = (data: Partial<Facts['database.changed']>): Facts['database.changed'] => ({
  settings: [],
  dropped: [],
  created: [],
  invalid: [],
  valid: [],
  ...data,
})

describe('the beginning of a timeline', () => {
  const looked = { settings: { work_mem: '4MB' }, indexes: 11, invalid: [] }

  it('is the start of the act, also when premortem looked at the database before', () => {
    const model = postmortem(more(-8, 'database.inspected', looked))
    expect(model.timeline.phases[0]?.when).toMatch(/^14:05 to /)
    expect(model.timeline.phases[0]?.entries[0]?.time).toBe('14:05')
    expect(plain(model.supporting.buckets[0]?.table.rows[0]?.[0] ?? [])).toMatch(/^14:00/)
  })

  it('comes earlier when something worth telling happened earlier', () => {
    const note = more(-2, 'incident.note', { text: 'support has a call', links: [] })
    const model = postmortem(more(-4, 'database.inspected', looked), { ...note, sequence: 900 })
    expect(model.timeline.phases[0]?.when).toMatch(/^14:03 to /)
    expect(linesOf(model)[0]).toContain('support has a call')
  })
})

describe('a change of the catalog', () => {
  const gone = { name: INDEX.name, table: INDEX.table, definition: INDEX.definition }
  const other = { ...gone, name: 'idx_by_hand' }
  const telling = (model: ReturnType<typeof postmortem>, text: string) =>
    linesOf(model).filter((line) => line.includes(text))

  it('that a migration tells is one line, with the observation as its confirmation and source', () => {
    const seen = more(12, 'database.changed', change({ dropped: [gone] }))
    const model = postmortem(seen)
    expect(telling(model, 'catalog')).toEqual([
      expect.stringMatching(
        /^Migration .* dropped index idx_payment_transactions_created_at of .*; the catalog showed it 1.7 s later$/,
      ),
    ])
    const markdown = renderMarkdown(model)
    expect(markdown).toMatch(new RegExp(`showed it 1.7 s later\\[\\^e${seen.sequence}\\]`))
    expect(markdown).toMatch(new RegExp(`^\\[\\^e${seen.sequence}\\]: .*database.changed`, 'm'))
  })

  it('keeps a line for what no migration tells, and only for that', () => {
    const model = postmortem(more(12, 'database.changed', change({ dropped: [gone, other] })))
    expect(telling(model, 'catalog')).toEqual([
      expect.stringContaining('the catalog showed it'),
      "The database's catalog changed: index idx_by_hand of payment_transactions is gone",
    ])
  })

  it('is no confirmation when it comes much later, or is the opposite', () => {
    const late = postmortem(more(60, 'database.changed', change({ dropped: [gone] })))
    const back = postmortem(more(12, 'database.changed', change({ created: [gone] })))
    for (const model of [late, back]) {
      expect(telling(model, 'showed it')).toEqual([])
      expect(telling(model, "The database's catalog changed")).toHaveLength(1)
    }
  })

  it('that an index build tells is one line too, also when the build left it invalid', () => {
    const built = (valid: boolean) => ({
      ...more(20, 'index.build-finished', {
        index: other.name,
        table: other.table,
        took: ms(900),
        valid,
        error: valid ? null : 'canceled',
      }),
      source: bob,
    })
    const seen = (invalid: readonly string[]) => more(21, 'database.changed', change({ created: [other], invalid }), 2)
    for (const model of [postmortem(built(true), seen([])), postmortem(built(false), seen([other.name]))]) {
      expect(telling(model, 'catalog')).toEqual([expect.stringMatching(/^Build of index idx_by_hand .* 1 s later$/)])
    }
  })
})
