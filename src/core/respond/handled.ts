import type { FactType } from '../events.ts'

/** The events that the incident follows. */
export type Handled =
  | 'alert.fired'
  | 'alert.resolved'
  | 'release.requested'
  | 'release.rolled-back'
  | 'incident.opened'
  | 'incident.severity-set'
  | 'incident.mitigated'
  | 'incident.resolved'

/** Every kind of event is in here, by the compiler's word: a new one asks for a decision. */
const HANDLED: { readonly [T in FactType]: T extends Handled ? true : false } = {
  'alert.fired': true,
  'alert.resolved': true,
  'release.requested': true,
  'release.rolled-back': true,
  'incident.opened': true,
  'incident.severity-set': true,
  'incident.mitigated': true,
  'incident.resolved': true,
  // Whether something helped is seen in the alerts, not in what was tried.
  'attempt.started': false,
  'attempt.finished': false,
  'config.changed': false,
  'service.scaled': false,
  'index.build-started': false,
  'index.build-finished': false,
  'database.inspected': false,
  'database.changed': false,
  'queue.drained': false,
  // A release on its way neither opens nor ends an incident; only its rollback is a mitigation.
  'release.abort-requested': false,
  'release.judged': false,
  'release.rollback-decided': false,
  'release.promoted': false,
  'release.failed': false,
  'migration.applied': false,
  'replicas.started': false,
  'replicas.stopped': false,
  'weights.set': false,
  // Told to people; the incident's state is the same before and after.
  'incident.acknowledged': false,
  'incident.role-assigned': false,
  'incident.note': false,
  'cause.named': false,
  'finding.made': false,
  'notice.sent': false,
  // Rehearsal and bookkeeping.
  'act.started': false,
  'act.finished': false,
  'reconciliation.finished': false,
  'traffic.counted': false,
  'decision.made': false,
  'command.succeeded': false,
  'command.failed': false,
  'timer.elapsed': false,
}

/** Whether the incident follows this kind of event; narrows its type. */
export const isHandled = <E extends { readonly type: FactType }>(event: E): event is Extract<E, { type: Handled }> =>
  HANDLED[event.type]
