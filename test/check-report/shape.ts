/** The published shape of a check's JSON, from which docs/schema/check-1.json is written. Held equal to `CheckResult`. */
import { z } from 'zod'
import type { CheckResult } from '../../src/core/check/result.ts'
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'

const place = z.object({ file: z.string(), line: z.int().min(1), sql: z.string() })

const finding = z.object({
  rule: z.string().describe('Kebab-case; its page is docs/rules/<rule>.md.'),
  severity: z.enum(['error', 'warning', 'note']),
  file: z.string().nullable().describe('Relative to where the check ran; null when it is about no file.'),
  line: z.int().min(1).nullable(),
  column: z.int().min(1).nullable(),
  message: z.string(),
  remedy: z.string(),
})

const planNode: z.ZodType<PlanNode> = z
  .looseObject({
    'Node Type': z.string(),
    'Total Cost': z.number(),
    'Plan Rows': z.number(),
    get Plans() {
      return z.array(planNode).optional()
    },
  })
  .meta({ id: 'PlanNode', description: 'A node of EXPLAIN (FORMAT JSON), with its own names.' })

const advice = z.object({
  sql: z.string(),
  why: z.string(),
  costWithout: z.number(),
  costWith: z.number(),
  bytes: z.number().describe('Modelled.'),
  buildMs: z.object({ low: z.number(), high: z.number() }),
  writesPerMinute: z.number().nullable(),
})

const change = z.enum([
  'index-to-seq-scan',
  'index-only-to-index',
  'index-changed',
  'access-changed',
  'join-changed',
  'sort-added',
  'spill-added',
  'parallel-changed',
  'cost-only',
  'improved',
  'none',
])

const plan = z.object({
  query: z.string(),
  name: z.string().nullable(),
  fingerprint: z.string(),
  callsPerMinute: z.number().nullable(),
  change: change.describe('The worst change over the variants.'),
  regressed: z.boolean(),
  message: z.string(),
  costBefore: z.number().describe("The planner's units, of the variant that is shown."),
  costAfter: z.number(),
  variant: z.string(),
  values: z.array(z.string().nullable()),
  weightedCostBefore: z.number().nullable(),
  weightedCostAfter: z.number().nullable(),
  estimatedMs: z.object({ before: z.number(), after: z.number(), error: z.string() }).nullable(),
  holds: z.enum(['right-after', 'after-analyze', 'always']),
  blamedOn: place.nullable(),
  fragility: z.number().min(0).max(1).nullable(),
  advice: advice.nullable(),
  remarks: z.array(z.string()),
  planBefore: planNode,
  planAfter: planNode,
})

const broken = z.object({
  query: z.string(),
  name: z.string().nullable(),
  fingerprint: z.string(),
  code: z.enum(['old', 'new']),
  schema: z.enum(['old', 'new']),
  kind: z.enum(['error', 'regressed']),
  reason: z.string(),
  blamedOn: place.nullable(),
})

const lock = z.enum([
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
])

const statement = z.object({
  ordinal: z.int().min(0),
  file: z.string(),
  line: z.int().min(1),
  sql: z.string(),
  transaction: z.int().min(0).describe('Statements with the same number hold their locks together.'),
  locks: z.array(z.object({ relation: z.string(), mode: lock })),
  work: z.enum(['instant', 'scan', 'rewrite', 'index-build']),
  workOn: z.string().nullable(),
  estimate: z.object({ lowMs: z.number(), highMs: z.number(), basis: z.string() }),
  rewritten: z.array(z.string()),
  created: z.array(z.string()),
  dropped: z.array(z.string()),
  invalid: z.array(z.string()),
})

/** Objects are open: fields may be added. */
export const checkShape = z.object({
  schema: z.literal('https://premortem.dev/schema/check-1.json'),
  verdict: z.enum(['pass', 'warn', 'fail']),
  why: z.array(z.string()).describe('The conditions that made the verdict.'),
  release: z.string().nullable(),
  files: z.array(z.string()),
  findings: z.array(finding),
  plans: z.array(plan),
  rollbackSafety: z.object({
    verdict: z.enum(['safe', 'regressed', 'unsafe', 'unknown']),
    target: z.string().nullable(),
    broken: z.array(broken),
    order: z.enum(['any', 'schema-first', 'code-first', 'split-needed']),
    sequence: z.array(z.string()),
  }),
  unplanned: z.array(
    z.object({ query: z.string(), name: z.string().nullable(), fingerprint: z.string(), reason: z.string() }),
  ),
  migration: z.array(statement),
  unusedIndexes: z.array(z.object({ index: z.string(), table: z.string(), bytes: z.number(), why: z.string() })),
  skipped: z.array(z.object({ object: z.string(), reason: z.string() })),
  missing: z.array(z.object({ what: z.string(), why: z.string(), grant: z.string().nullable() })),
  checklist: z.array(z.object({ item: z.string(), answer: z.enum(['yes', 'no', 'unknown']), because: z.string() })),
  assumptions: z.array(z.string()),
  timings: z.record(z.string(), z.number()).describe('Milliseconds.'),
}) satisfies z.ZodType<CheckResult>

type SameKeys<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? true : false) : false
type Item<K extends 'plans' | 'findings' | 'migration'> = CheckResult[K][number]

/** Fails to compile when a field is in the type and not in the shape, or the other way round. */
export const sameFields: readonly [
  SameKeys<CheckResult, z.infer<typeof checkShape>>,
  SameKeys<Item<'plans'>, z.infer<typeof plan>>,
  SameKeys<Item<'findings'>, z.infer<typeof finding>>,
  SameKeys<Item<'migration'>, z.infer<typeof statement>>,
  SameKeys<NonNullable<Item<'plans'>['advice']>, z.infer<typeof advice>>,
  SameKeys<CheckResult['rollbackSafety']['broken'][number], z.infer<typeof broken>>,
] = [true, true, true, true, true, true]

/** As it is published: objects are open, so that a newer version's JSON is valid, too. */
export const publishedSchema = (): unknown => ({
  ...z.toJSONSchema(checkShape, { io: 'input' }),
  $id: 'https://premortem.dev/schema/check-1.json',
  title: 'The result of premortem check --format json',
})
