/** The shape of `premortem.yaml`. docs/schema/premortem.yaml.json is generated from it. */
import { z } from 'zod'
import { CONDITIONS } from '../../core/check/gate/policy.ts'

const FORMATS = [
  'auto',
  'plain',
  'golang-migrate',
  'dbmate',
  'flyway',
  'prisma',
  'sqitch',
  'node-pg-migrate',
  'supabase',
  'goose',
] as const
const MOST_PATHS = 100

const action = z.enum(['fail', 'warn', 'off'])
const paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(MOST_PATHS)])

const policy = z.strictObject({
  ...Object.fromEntries(CONDITIONS.map((name) => [name, action.optional()])),
  rules: z.record(z.string(), action).optional().describe('Single rules by id, over the conditions above.'),
  maxSnapshotAgeDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe('Older snapshots are warned of. Default 30.'),
})

/** What may stand in the file. Unknown keys are refused: a misspelt one would silently do nothing. */
export const configSchema = z.strictObject({
  service: z.string().min(1).optional().describe('The name of the service, as its alerts and releases bear it.'),
  snapshot: z.string().min(1).optional().describe('What `premortem snapshot` wrote. Default premortem.snapshot.json.'),
  releases: z
    .string()
    .min(1)
    .optional()
    .describe('One folder a release, such as releases/*; {release} in other paths is the name of such a folder.'),
  migrations: paths.optional().describe('Files, folders or patterns of migrations. Default: found by itself.'),
  queries: paths.optional().describe('Files with the queries of the code, such as queries/*.sql.'),
  format: z.enum(FORMATS).optional().describe('The tool that runs the migrations. Default auto: found by itself.'),
  postgres: z
    .number()
    .int()
    .min(13)
    .max(18)
    .optional()
    .describe("Production's major version, where no snapshot tells."),
  check: z
    .strictObject({
      policy: policy.optional().describe('What fails the check, what warns, what is let be.'),
      'rollback-target': z.string().min(1).optional().describe('The release that one would go back to.'),
    })
    .optional(),
  lint: z
    .strictObject({
      rules: z.record(z.string(), z.enum(['off', 'on', 'note', 'warning', 'error'])).optional(),
    })
    .optional(),
})

/** The file, as written. */
export type ConfigFile = z.infer<typeof configSchema>
