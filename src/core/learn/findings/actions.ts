/** The actions that findings ask for. One list, so that two findings can ask for the same. */
import type { ProposedAction } from './finding.ts'

const action = (id: string, horizon: ProposedAction['horizon'], text: string): ProposedAction => ({ id, horizon, text })

export const LEADING_ALERTS = action(
  'leading-alerts',
  'immediate',
  'Alert on pool utilisation (above 80 % warning, above 90 % critical), on slow statements and on database time per request of each release',
)
export const AUTOMATIC_ROLLBACK = action(
  'automatic-rollback',
  'immediate',
  'Switch on automatic rollback for the service, on a sustained error rate and on leading indicators beyond doubt',
)
export const RESTORE_INDEX = action(
  'restore-index',
  'immediate',
  'Put the dropped index back where it is missing, and check the validity of every index that was rebuilt during the incident',
)
export const UNDO_DRIFT = action(
  'undo-drift',
  'immediate',
  'Decide on every setting changed during the incident: keep it on purpose, in the repository, or set it back',
)
export const REPAIR_PAYMENTS = action(
  'repair-payments',
  'immediate',
  'Find each payment that was lost or paid twice, make it right with the customer, and close the gap that allowed it',
)
export const NOTICES = action(
  'notices',
  'immediate',
  'Post the first public notice when an incident is opened, tell support in the same minute, and repeat every 15 minutes',
)
export const SEVERITY_AT_OPENING = action(
  'severity-at-opening',
  'immediate',
  'Propose a severity when the incident is opened, from failed share and trend, and let people correct it',
)
export const FIX_MIGRATION = action(
  'fix-migration',
  'immediate',
  'Change the migration so that it no longer removes what running statements need, before the release is tried again',
)
export const STEPPED_RELEASE = action(
  'stepped-release',
  'short',
  'Release in steps (10 %, 50 %, 100 %), each judged before the next',
)
export const PLAN_CHECK = action(
  'plan-check',
  'short',
  'Compare the plans of the known statements at production size in CI, before and after each migration; block on a regression',
)
export const OVERRIDE_RULE = action(
  'override-rule',
  'short',
  'Require a second person and a written reason to override a check that said no',
)
export const ONE_SCREEN = action(
  'one-screen',
  'short',
  'Show application, pool and database on one screen, with the cause named beside the alert',
)
export const MITIGATION_ORDER = action(
  'mitigation-order',
  'short',
  'Put rollback first in the runbook when a release is under suspicion, and list what not to do to a saturated database',
)
export const INDEX_ESTIMATE = action(
  'index-estimate',
  'short',
  'Follow the progress of index builds against their estimate and say so when one is late',
)
export const CLOSING_RULE = action(
  'closing-rule',
  'short',
  'Write down what has to hold before an incident is closed, and watch it by machine',
)
export const CONNECTION_BUDGET = action(
  'connection-budget',
  'long',
  'Give the service one connection budget over all replicas, so that scaling out never asks more of the database',
)
export const REHEARSE = action(
  'rehearse',
  'long',
  'Rehearse this incident every quarter and after each change of the guards',
)
export const SMALLER_FIRST_STEP = action(
  'smaller-first-step',
  'long',
  'Try releases on shadow traffic before the first step, so that the first customers do not find the fault',
)
