import type { FindingSeverity } from '../severity.ts'

/** What becomes of a rule: not run, run at its own level (also when it is off by default), or at another level. */
export type RuleSetting = 'off' | 'on' | FindingSeverity

/** How lint is set up: by `premortem.yaml` and the command line. */
export interface LintConfig {
  /** By rule id or by a name of squawk's. A level given here is kept whatever the table's size. */
  readonly rules?: Readonly<Record<string, RuleSetting>>
  /** `server_version_num` of production, such as 160004, where no snapshot tells. */
  readonly serverVersion?: number
}
