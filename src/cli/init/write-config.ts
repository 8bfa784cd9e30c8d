/** The text of premortem.yaml, with a comment for each choice. */
import { CONDITIONS, DEFAULT_POLICY } from '../../core/check/gate/policy.ts'
import type { Found } from './found.ts'

/** Quoted where YAML would read something else. */
const scalar = (text: string): string =>
  /^[A-Za-z0-9_./-]+$/.test(text) && !/^[\d.-]+$/.test(text) ? text : JSON.stringify(text)

const list = (key: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : [`${key}:`, ...values.map((one) => `  - ${scalar(one)}`)]

function migrationLines({ migrations }: Found): readonly string[] {
  const [first, ...others] = new Set(migrations.map((one) => one.format))
  const format = first !== undefined && others.length === 0 && first !== 'plain' ? [`format: ${first}`] : []
  if (migrations.length === 0)
    return [
      '# No migrations in SQL were found. Name the folder, or let your tool print its SQL into one.',
      '# migrations:',
      '#   - db/migrations',
    ]
  return [
    '# Where the migrations are; what production has of them already is read from the snapshot.',
    ...list(
      'migrations',
      migrations.map((one) => one.path),
    ),
    ...format,
  ]
}

const queryLines = ({ queries }: Found): readonly string[] =>
  queries.length === 0
    ? [
        '# The queries of the code, each below a line `-- name: ListPending`. Without them the workload is what',
        '# pg_stat_statements saw in production.',
        '# queries:',
        '#   - queries/*.sql',
      ]
    : ['# The queries of the code.', ...list('queries', queries)]

/** @param schema where an editor finds the schema of the file */
export function configText(found: Found, schema: string): string {
  const policy = CONDITIONS.map((name) => `    # ${name}: ${DEFAULT_POLICY[name]}`)
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '# What premortem knows of this repository. Every key: docs/config.md of premortem.',
    ...(found.service === null ? [] : ['', `service: ${scalar(found.service)}`]),
    '',
    "# Production's schema, planner statistics and workload; no rows. Written by `premortem snapshot`, kept in git.",
    'snapshot: premortem.snapshot.json',
    ...(found.releases === null
      ? []
      : [
          '',
          '# One folder a release; {release} below is the name of such a folder.',
          `releases: ${scalar(found.releases)}`,
        ]),
    '',
    ...migrationLines(found),
    '',
    ...queryLines(found),
    '',
    '# What makes a check fail, what only warns, what is let be. Shown are the defaults.',
    'check:',
    '  policy:',
    ...policy,
    '    # Single rules, over the conditions above.',
    '    rules: {}',
    `    maxSnapshotAgeDays: ${DEFAULT_POLICY.maxSnapshotAgeDays}`,
  ]
  return `${lines.join('\n')}\n`
}
