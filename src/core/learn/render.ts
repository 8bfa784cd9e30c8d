/** A postmortem as Markdown (GFM). Layout only: what is said was decided before. */
import { codeBlock, escapeText } from './escape.ts'
import type { Figure, Phase, PostmortemModel, TimelineEntry } from './model.ts'
import { definitions, detail, Footnotes, item, paragraph, points, questionBlock, rich, table } from './render-parts.ts'
import { isQuestion, say, strong } from './rich.ts'

const NOTHING = 'Nothing in the record belongs here.'

const blocks = (...parts: readonly (string | readonly string[])[]): string =>
  parts
    .flat()
    .filter((part) => part !== '')
    .join('\n\n')

function front(model: PostmortemModel, notes: Footnotes): string {
  return model.front
    .map(({ label, value }) => {
      const head = `**${escapeText(label)}:**`
      if (!isQuestion(value)) return `${head} ${rich(value, notes)}  `
      const known = value.known.map((line) => rich(line, notes)).join('; ')
      return `${head} *Question for the authors:* ${escapeText(value.text)}${known === '' ? '' : ` Known: ${known}`}  `
    })
    .join('\n')
}

const list = (statements: readonly Parameters<typeof item>[0][], notes: Footnotes): string =>
  statements.map((statement) => item(statement, notes)).join('\n')

function impact(model: PostmortemModel, notes: Footnotes): string {
  const { user, business, technical, services } = model.impact
  return blocks(
    '## Impact',
    '### User Impact',
    list(user, notes),
    '### Business Impact',
    list(business, notes),
    '### Technical Impact',
    services.rows.length === 0 ? '' : table(services, notes),
    list(technical, notes),
  )
}

/** One event; its particulars follow, code in blocks of its own. */
function entry(of: TimelineEntry, notes: Footnotes): string {
  const head = `**${of.time}** (${of.offset}) ${rich(of.text, notes)}`
  return blocks(head, groupDetails(of, notes))
}

/** Bullets that follow one another stay one list. */
function groupDetails(of: TimelineEntry, notes: Footnotes): readonly string[] {
  const out: string[] = []
  of.details.forEach((part, place) => {
    const text = detail(part, notes)
    const together = part.kind === 'line' && of.details[place - 1]?.kind === 'line'
    if (together) out.push(`${out.pop() ?? ''}\n${text}`)
    else out.push(text)
  })
  return out
}

function phase(of: Phase, notes: Footnotes): readonly string[] {
  const body =
    of.entries.length === 0 ? ['No event falls into this phase.'] : of.entries.map((one) => entry(one, notes))
  return [`### ${of.title} (${escapeText(of.when)})`, ...body]
}

function timeline(model: PostmortemModel, notes: Footnotes): string {
  const { intro, phases, attempts } = model.timeline
  const measured = attempts === null ? [] : ['### Attempts, measured', table(attempts, notes)]
  return blocks(
    '## Timeline (All Times UTC)',
    rich(intro, notes),
    phases.flatMap((one) => phase(one, notes)),
    measured,
  )
}

function cause(model: PostmortemModel, notes: Footnotes): string {
  const { immediate, statement, plan, evidence, factors, stages } = model.cause
  return blocks(
    '## Root Cause Analysis',
    '### Immediate Cause',
    immediate.map((one) => paragraph(one, notes)),
    statement === null ? '' : blocks('The statement:', codeBlock('sql', statement)),
    plan.length === 0 ? '' : blocks('Its plan during the incident:', codeBlock('text', plan.join('\n'))),
    evidence.length === 0 ? '' : blocks('Evidence, strongest first:', list(evidence, notes)),
    '### Contributing Factors',
    factors.length === 0 ? NOTHING : points(factors, notes),
    "### Why It Wasn't Caught Earlier",
    stages.map(({ stage, said }) => stageItem(stage, said, notes)).join('\n'),
  )
}

function stageItem(stage: string, said: Parameters<typeof item>[0], notes: Footnotes): string {
  if (!isQuestion(said)) return item([...say`${strong(stage)}: `, ...said], notes)
  const quoted = questionBlock(said, notes).replace(/\n/g, '\n  ')
  return `- **${escapeText(stage)}**\n\n  ${quoted}\n`
}

function guards(model: PostmortemModel, notes: Footnotes): string {
  const { intro, replayed, fired, acts } = model.guards
  return blocks(
    '## Which Guard Would Have Fired When',
    rich(intro, notes),
    table(replayed, notes),
    fired.rows.length === 0 ? 'No alert rule fired.' : blocks('What did fire:', table(fired, notes)),
    acts === null ? '' : blocks('### Both acts', table(acts, notes)),
  )
}

function actions(model: PostmortemModel, notes: Footnotes): string {
  const columns = ['Id', 'Action', 'Because', 'Owner', 'Due Date', 'Status'].map((title) => ({
    title,
    align: 'left' as const,
  }))
  const horizons = model.actions.horizons.flatMap(({ title, items }) => {
    const rows = items.map((one) => [say`${one.id}`, one.action, one.because, say`?`, say`?`, say`Proposed`])
    return [`### ${escapeText(title)}`, rows.length === 0 ? NOTHING : table({ columns, rows }, notes)]
  })
  return blocks('## Action Items', questionBlock(model.actions.ask, notes), horizons)
}

function lessons(model: PostmortemModel, notes: Footnotes): string {
  const { technical, process } = model.lessons
  return blocks(
    '## Lessons Learned',
    '### Technical Lessons',
    technical.length === 0 ? NOTHING : points(technical, notes),
    '### Process Lessons',
    process.length === 0 ? NOTHING : points(process, notes),
  )
}

const figure = (of: Figure, notes: Footnotes): string =>
  blocks(
    `**${escapeText(of.title)}**`,
    `![${escapeText(of.chart.title)}](charts/${of.chart.id}.svg)`,
    rich(of.caption, notes),
  )

function supporting(model: PostmortemModel, notes: Footnotes): string {
  const { figures, buckets, related, references } = model.supporting
  return blocks(
    '## Supporting Information',
    '### Metrics and Graphs',
    figures.length === 0 ? 'No curve was recorded.' : figures.map((one) => figure(one, notes)),
    buckets.flatMap(({ title, intro, table: of }) => [
      `**${escapeText(title)}**`,
      rich(intro, notes),
      table(of, notes),
    ]),
    '### Related Incidents',
    questionBlock(related, notes),
    '### External References',
    list(references, notes),
  )
}

function closing(model: PostmortemModel, notes: Footnotes): string {
  const roles = model.signOffs.roles.map((role) => [say`${role}`, say`–`, say`–`])
  const columns = ['Role', 'Name', 'Date'].map((title) => ({ title, align: 'left' as const }))
  return blocks(
    '## Feedback and Questions',
    model.feedback.map((one) => questionBlock(one, notes)),
    '---',
    '## Postmortem Review Sign-offs',
    questionBlock(model.signOffs.ask, notes),
    table({ columns, rows: roles }, notes),
    '---',
    '**Distribution:**',
    questionBlock(model.distribution, notes),
    isQuestion(model.confidentiality)
      ? blocks('**Confidentiality:**', questionBlock(model.confidentiality, notes))
      : `**Confidentiality:** ${rich(model.confidentiality, notes)}`,
    '---',
    `**Note:** ${escapeText(model.note)}`,
  )
}

/** The document as Markdown, with footnotes for its sources. The same model gives the same text. */
export function renderMarkdown(model: PostmortemModel): string {
  const notes = new Footnotes()
  const parts = [
    blocks(`# Postmortem: ${escapeText(model.title)}`, front(model, notes), rich(model.about, notes)),
    blocks(
      '## Executive Summary',
      model.summary.map((one) => paragraph(one, notes)),
    ),
    impact(model, notes),
    timeline(model, notes),
    cause(model, notes),
    guards(model, notes),
    blocks('## What Went Well', model.wentWell.length === 0 ? NOTHING : points(model.wentWell, notes)),
    blocks("## What Didn't Go Well", model.wentBadly.length === 0 ? NOTHING : points(model.wentBadly, notes)),
    actions(model, notes),
    lessons(model, notes),
    supporting(model, notes),
    closing(model, notes),
  ]
  return `${parts.join('\n\n---\n\n')}\n\n${definitions(notes)}\n`
}
