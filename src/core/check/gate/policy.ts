/** What a finding, or a kind of result, does to the verdict. */

/** What a condition does when it holds. */
export type GateAction = 'fail' | 'warn' | 'off'

/** The conditions that a team can weigh by itself, in `premortem.yaml` under `check.policy`. */
export interface GatePolicy {
  /** Findings of severity `error`, `warning` and `note`. */
  readonly errors: GateAction
  readonly warnings: GateAction
  readonly notes: GateAction
  /** A query whose plan gets worse. */
  readonly 'plan-regression': GateAction
  /** A query of a release that costs much more than the query of the same name in the release before. */
  readonly 'query-costlier': GateAction
  /** A plan that a sampling error of ANALYZE could flip. */
  readonly 'plan-fragile': GateAction
  /** The old release fails on the new schema. */
  readonly 'rollback-unsafe': GateAction
  /** The old release runs on the new schema, slower. */
  readonly 'rollback-regressed': GateAction
  /** Queries that could not be planned. */
  readonly unplanned: GateAction
  /** The snapshot is older than `maxSnapshotAgeDays`. */
  readonly 'snapshot-old': GateAction
  /** Single rules by id, over all of the above. */
  readonly rules: Readonly<Record<string, GateAction>>
  readonly maxSnapshotAgeDays: number
}

/** Planner statistics follow the data within days; a month is where they begin to mislead. */
const MAX_SNAPSHOT_AGE_DAYS = 30

/** Fails on what would hurt, warns of what a person should look at. */
export const DEFAULT_POLICY: GatePolicy = {
  errors: 'fail',
  warnings: 'warn',
  notes: 'off',
  'plan-regression': 'fail',
  'query-costlier': 'warn',
  'plan-fragile': 'warn',
  'rollback-unsafe': 'fail',
  'rollback-regressed': 'warn',
  unplanned: 'off',
  'snapshot-old': 'warn',
  rules: {},
  maxSnapshotAgeDays: MAX_SNAPSHOT_AGE_DAYS,
}

/** The conditions by name, for the config's schema and its errors. */
export const CONDITIONS = Object.keys(DEFAULT_POLICY).filter(
  (name) => name !== 'rules' && name !== 'maxSnapshotAgeDays',
) as readonly Exclude<keyof GatePolicy, 'rules' | 'maxSnapshotAgeDays'>[]
