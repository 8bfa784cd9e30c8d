/** Builds the postmortem of one act. Pure: the same input gives the same document, to the byte. */
import { type Context, contextOf, type PostmortemInput } from './context.ts'
import { REHEARSE } from './findings/actions.ts'
import { BADLY } from './findings/badly.ts'
import { factorsOf } from './findings/factors.ts'
import type { Finding, FindingRule, HorizonId, ProposedAction } from './findings/finding.ts'
import { references } from './findings/finding.ts'
import { WELL } from './findings/well.ts'
import type { ActionItem, Horizon, Point, PostmortemModel } from './model.ts'
import { question, type Rich, say } from './rich.ts'
import { causeOf } from './sections/cause.ts'
import { guardsOf } from './sections/compare.ts'
import { aboutOf, frontOf, summaryOf, titleOf } from './sections/front.ts'
import { impactOf } from './sections/impact.ts'
import { supportingOf } from './sections/supporting.ts'
import { timelineOf } from './sections/timeline.ts'

const HORIZONS: readonly { readonly id: HorizonId; readonly title: string }[] = [
  { id: 'immediate', title: 'Immediate (within 1 week)' },
  { id: 'short', title: 'Short-term (within 1 month)' },
  { id: 'long', title: 'Long-term (within 3 months)' },
]

const apply = (rules: readonly FindingRule[], context: Context): readonly Finding[] =>
  rules.flatMap((rule) => {
    const finding = rule(context)
    return finding === null ? [] : [finding]
  })

const asPoint = (finding: Finding): Point => ({ title: finding.title, lines: finding.lines })

interface Asked {
  readonly action: ProposedAction
  readonly because: Rich
}

/** Each action once, with the titles and sources of all findings that ask for it. */
function askedFor(findings: readonly Finding[]): readonly Asked[] {
  const asked = new Map<string, Asked>()
  for (const finding of findings) {
    if (finding.place === 'well') continue
    const because = say`${finding.title}${references(finding.lines).slice(0, 2)}`
    for (const action of finding.actions) {
      const before = asked.get(action.id)
      asked.set(action.id, { action, because: before === undefined ? because : say`${before.because}; ${because}` })
    }
  }
  asked.set(REHEARSE.id, { action: REHEARSE, because: say`What is not rehearsed is not known to work` })
  return [...asked.values()]
}

function horizonsOf(findings: readonly Finding[]): readonly Horizon[] {
  const asked = askedFor(findings)
  let number = 0
  return HORIZONS.map(({ id, title }) => ({
    title,
    items: asked
      .filter((item) => item.action.horizon === id)
      .map(({ action, because }): ActionItem => {
        number += 1
        return { id: `A${number}`, action: say`${action.text}`, because }
      }),
  }))
}

function lessonsOf(findings: readonly Finding[], kind: 'technical' | 'process'): readonly Point[] {
  return findings.flatMap((finding) => {
    if (finding.place === 'well' || finding.lesson === null || finding.lesson.kind !== kind) return []
    const sources = references(finding.lines).slice(0, 2)
    return [{ title: finding.lesson.title, lines: [say`${finding.lesson.text}${sources}`] }]
  })
}

const NOTE =
  'People acted on what they could see at the time, with the tools they had. This document looks at those tools and at the way of working, so that the next good decision is an easier one. It judges nobody. Thanks to all who helped.'

const CLOSING: Pick<PostmortemModel, 'feedback' | 'signOffs' | 'distribution' | 'confidentiality' | 'note'> = {
  feedback: [
    question('Who has reviewed this document, and what did they say?'),
    question('Which questions came up, and what are the answers?'),
  ],
  signOffs: {
    ask: question('Who signs, and when? Nobody has signed yet.'),
    roles: ['Incident commander', 'Engineering team lead', 'Engineering manager', 'Customer support'],
  },
  distribution: question('Who receives this document, and who receives a version without names, SQL and links?'),
  confidentiality: say`Internal, until its authors decide otherwise`,
  note: NOTE,
}

/** The postmortem of `input.subject`, compared with `input.other`. */
export function buildPostmortem(input: PostmortemInput): PostmortemModel {
  const context = contextOf(input)
  const factors = factorsOf(context)
  const badly = apply(BADLY, context)
  const wrong = [...factors, ...badly]
  return {
    title: titleOf(context),
    front: frontOf(context),
    about: aboutOf(context),
    summary: summaryOf(context),
    impact: impactOf(context),
    timeline: timelineOf(context),
    cause: causeOf(context, factors),
    guards: guardsOf(context),
    wentWell: apply(WELL, context).map(asPoint),
    wentBadly: badly.map(asPoint),
    actions: {
      ask: question(
        'Who owns each of these, and by which day? They are proposals, made from the facts named beside them.',
      ),
      horizons: horizonsOf(wrong),
    },
    lessons: { technical: lessonsOf(wrong, 'technical'), process: lessonsOf(wrong, 'process') },
    supporting: supportingOf(context),
    ...CLOSING,
  }
}
