import { Problem } from '../../base/problem.ts'
import { FORMAT_NAMES } from '../../core/check/formats/formats.ts'
import type { RuleSetting } from '../../core/check/lint/config.ts'
import type { MigrationFormat } from '../../core/check/sql.ts'

/** What a person may choose, as the command line gives it. */
export interface RawOptions {
  readonly snapshot?: string
  readonly json?: boolean
  readonly fix?: boolean
  readonly dryRun?: boolean
  readonly format?: string
  readonly rule?: readonly string[]
  readonly listRules?: boolean
  readonly apart?: boolean
  readonly config?: string
}

/** What `premortem lint` was asked to do, checked. */
export interface LintOptions {
  /** Empty: the configured ones, or a folder of the usual name. */
  readonly paths: readonly string[]
  readonly snapshot: string | null
  readonly json: boolean
  readonly fix: 'no' | 'write' | 'show'
  readonly format: MigrationFormat | null
  readonly rules: Readonly<Record<string, RuleSetting>>
  readonly rollout: 'together' | 'apart'
  readonly config: string | null
}

const SETTINGS: readonly RuleSetting[] = ['off', 'on', 'note', 'warning', 'error']

function ruleSettings(given: readonly string[]): Readonly<Record<string, RuleSetting>> {
  const settings: Record<string, RuleSetting> = {}
  for (const one of given) {
    const [id = '', value = ''] = one.split('=', 2)
    const setting = SETTINGS.find((known) => known === value)
    if (id === '' || setting === undefined) {
      throw new Problem({
        code: 'bad-option',
        what: `--rule got '${one}', which is not a rule and a setting.`,
        remedy: `Write --rule <rule>=<${SETTINGS.join('|')}>.`,
      })
    }
    settings[id] = setting
  }
  return settings
}

function formatOf(given: string | undefined): MigrationFormat | null {
  if (given === undefined || given === 'auto') return null
  const format = FORMAT_NAMES.find((name) => name === given)
  if (format !== undefined) return format
  throw new Problem({
    code: 'bad-option',
    what: `--format got '${given}', which is no known layout of migrations.`,
    remedy: `Choose one of: auto, ${FORMAT_NAMES.join(', ')}.`,
  })
}

/**
 * Checks and completes the options of `premortem lint`.
 * @throws Problem `bad-option`
 */
export function parseLintOptions(paths: readonly string[], raw: RawOptions): LintOptions {
  if (raw.dryRun === true && raw.fix !== true) {
    throw new Problem({
      code: 'bad-option',
      what: '--dry-run was given without --fix.',
      remedy: 'Use --fix --dry-run to see what would be changed; without --fix nothing is changed anyway.',
    })
  }
  return {
    paths,
    snapshot: raw.snapshot ?? null,
    json: raw.json ?? false,
    fix: raw.fix === true ? (raw.dryRun === true ? 'show' : 'write') : 'no',
    format: formatOf(raw.format),
    rules: ruleSettings(raw.rule ?? []),
    rollout: raw.apart === true ? 'apart' : 'together',
    config: raw.config ?? null,
  }
}
