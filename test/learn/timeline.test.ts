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

/** One more event of the act, at a minute of its clock (the bad release's migration ran at 10.3). */
const more = <T extends FactType>(
  at: number | [minute: number, number: number],
  type: T,
  data: Facts[T],
): LedgerEvent => {
  const [minute, number] = typeof at === 'number' ? [at, 1] : at
  return {
    ...fact({ at: epochMs(clock.startedAt + minute * clock.pace), source: premortem }, type, data),
    environment: sample[0]?.environment ?? '',
    service: SERVICE,
    sequence: sample.length + number,
    id: eventId(SERVICE, sample.length + number),
  }
}

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
    const seen = (invalid: readonly string[]) =>
      more([21, 2], 'database.changed', change({ created: [other], invalid }))
    for (const model of [postmortem(built(true), seen([])), postmortem(built(false), seen([other.name]))]) {
      expect(telling(model, 'catalog')).toEqual([expect.stringMatching(/^Build of index idx_by_hand .* 1 s later$/)])
    }
  })
})

describe('the phases of an act whose guard decided in the moment of the alert', () => {
  const decided = sample.find((event) => event.type === 'release.rollback-decided')
  /** As the engine records it: all of one look has one time. */
  const events = sample.flatMap((event): readonly LedgerEvent[] => {
    if (event.type.startsWith('incident.')) return []
    const sameMoment = event.type === 'alert.fired' || event.type === 'release.judged'
    return [sameMoment && decided ? { ...event, at: decided.at } : event]
  })
  const end = more(40, 'alert.resolved', {
    rule: 'database-time-per-request',
    severity: 'warning',
    value: 1,
    message: 'Database time per request is 1 ms',
  })
  const alone = (...ended: readonly LedgerEvent[]) =>
    buildPostmortem({
      drill: sampleResult,
      subject: {
        ...guardedInput,
        events: [
          ...events,
          ...ended,
          ...(ended.length === 0 ? [] : [more([40, 2], 'alert.resolved', { ...slow, value: 0 })]),
        ],
      },
      other: null,
    })
  const slow = { rule: 'slow-queries', severity: 'warning' as const, message: 'No slow query' }
  const model = alone(end)
  const inPhase = (id: string) =>
    model.timeline.phases.find((phase) => phase.id === id)?.entries.map((entry) => plain(entry.text)) ?? []

  it('have the alert in the detection, the judgement in the investigation, the decision in the mitigation', () => {
    expect(inPhase('detection').join()).toMatch(/First bad request.*Alert/)
    expect(inPhase('investigation').join()).toContain('judged bad')
    expect(inPhase('mitigation')[0]).toContain('Rollback decided')
    expect(inPhase('mitigation').at(-1)).toMatch(/Rollback complete|Recovered/)
  })

  it('end with the last alert when no incident was opened, and the front says so', () => {
    expect(inPhase('recovery').at(-1)).toMatch(/^Alert slow-queries .* resolved/)
    expect(inPhase('post-incident').join()).toContain('act ended')
    const duration = model.front.find((field) => field.label === 'Duration of the incident')?.value
    expect(JSON.stringify(duration)).toContain('no incident was opened; alerts fired for ')
  })

  it('do not end while an alert is firing, and the front says that, too', () => {
    const open = alone()
    expect(open.timeline.phases.find((phase) => phase.id === 'post-incident')?.range).toBeNull()
    const duration = open.front.find((field) => field.label === 'Duration of the incident')?.value
    expect(JSON.stringify(duration)).toContain('an alert has been firing since')
  })
})

describe('a sentence of the diagnosis', () => {
  it('has its times in the incident’s own time', () => {
    const events = sample.map((event) =>
      event.type === 'cause.named'
        ? { ...event, data: { ...event.data, evidence: ['it was not seen before 10:19:10 UTC'] } }
        : event,
    )
    const model = buildPostmortem({ drill: sampleResult, subject: { ...guardedInput, events }, other: null })
    // The act began at 10:19:00, which is 14:05; one of its minutes lasts a second.
    expect(model.cause.evidence.map(plain)).toEqual(['it was not seen before 14:15:00 UTC'])
  })
})
