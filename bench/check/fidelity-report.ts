/** FIDELITY.md: what was measured, with every miss and its reason. */
import type { PlanNode } from '../../src/core/postgres/plan-node.ts'
import type { Compared } from './fidelity-compare.ts'
import type { Verdicts } from './fidelity-verdicts.ts'

/** Costs that differ by more are misses. */
export const COST_TOLERANCE = 0.01

/** One schema, with one way of taking its values. */
export interface Measured {
  readonly schema: string
  readonly values: string
  readonly queries: number
  readonly plans: readonly Compared[]
  readonly verdicts: Verdicts | null
}

export const isNear = (one: Compared): boolean => Math.abs(one.ratio - 1) <= COST_TOLERANCE

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`

/** Indexes that a plan uses. */
const indexesOf = (node: PlanNode): readonly string[] => [
  ...(node['Index Name'] === undefined ? [] : [node['Index Name']]),
  ...(node.Plans ?? []).flatMap(indexesOf),
]

/** What a miss is put down to. By rule, not by looking into each: the words say which. */
interface Reasons {
  /** Names of GIN indexes. */
  readonly gin: ReadonlySet<string>
  /** Misses that are there with real values too, by schema, query and variant: those are not the made-up values' fault. */
  readonly kept: ReadonlyMap<string, number>
}

const keyOf = (one: Compared): string => `${one.schema}/${one.query}/${one.variant}`

function reasonOf(one: Compared, measured: Measured, { gin, kept }: Reasons): string {
  const before = kept.get(keyOf(one))
  const alsoKept = before !== undefined && Math.abs(before - one.ratio) < 1e-4
  if (measured.values === 'remap' && !alsoKept)
    return 'only with made-up values (within tolerance with real ones); which value of it was not looked into'
  const uses = indexesOf(one.real).filter((name) => gin.has(name))
  if (one.sameTree && uses.length > 0)
    return `${uses.join(', ')}: a GIN index counts its entry and data pages in its metapage, which the snapshot did not hold; inferred, since all misses with real values are plans over GIN indexes`
  return 'unexplained'
}

const row = (measured: Measured): string => {
  const { plans } = measured
  const same = plans.filter((one) => one.sameTree).length
  const near = plans.filter(isNear).length
  return `| ${measured.schema} | ${measured.values} | ${measured.queries} | ${plans.length} | ${same} (${percent(same, plans.length)}) | ${near} (${percent(near, plans.length)}) |`
}

function verdictRow({ schema, verdicts }: Measured): readonly string[] {
  if (verdicts === null) return []
  const { hits, falseAlarms, missed } = verdicts
  const precision = hits / Math.max(1, hits + falseAlarms.length)
  const recall = hits / Math.max(1, hits + missed.length)
  return [
    `| ${schema} | ${verdicts.indexes} | ${verdicts.pairs} | ${hits} | ${falseAlarms.length} | ${missed.length} | ${precision.toFixed(3)} | ${recall.toFixed(3)} |`,
  ]
}

function misses(measured: Measured, reasons: Reasons): readonly string[] {
  const wrong = measured.plans.filter((one) => !one.sameTree || !isNear(one))
  return wrong.map(
    (one) =>
      `| ${measured.schema} | ${measured.values} | ${one.query} | ${one.variant} | ${one.sameTree ? 'same' : 'different'} | ${one.ratio.toFixed(4)} | ${reasonOf(one, measured, reasons)} |`,
  )
}

/** What the figures rest on. */
const CAVEATS = `A query without parameters counts twice, as its generic plan and as its only other one. The databases have
\`pageinspect\`, so heights of btrees and the page counts of GIN indexes are read; a production without it has its heights
derived, and costs of GIN indexes a few percent off.`

/** The document. */
export function renderFidelity(
  facts: { readonly rows: number; readonly machine: string; readonly gin: ReadonlySet<string> },
  all: readonly Measured[],
): string {
  const keptMisses = all
    .filter(({ values }) => values === 'keep')
    .flatMap(({ plans }) => plans.filter((one) => !one.sameTree || !isNear(one)))
  const reasons = { gin: facts.gin, kept: new Map(keptMisses.map((one) => [keyOf(one), one.ratio])) }
  const wrong = all.flatMap((one) => misses(one, reasons))
  const verdicts = all.flatMap(({ schema, verdicts }) =>
    verdicts === null
      ? []
      : [
          ...verdicts.falseAlarms.map((one) => `- ${schema}, false alarm: ${one}`),
          ...verdicts.missed.map((one) => `- ${schema}, missed: ${one}`),
        ],
  )
  return `# Fidelity of the phantom

Are the plans that \`premortem check\` sees on an empty database those of the database with the data? Measured by
\`node bench/check/fidelity.ts\`, which writes this file: two schemas (the payments example, and
[awkward.sql](schemas/awkward.sql) with partitions, expression, partial, covering, GIN, GiST, BRIN and hash indexes, skew,
correlation and NULLs) with ${facts.rows.toLocaleString('en')} rows in their largest tables. Each query is planned on both sides:
a generic plan, and plans with values from the statistics. Both sides run PostgreSQL 18 on ${facts.machine}.

Trees are equal when node types, relations, aliases, indexes, directions, strategies and join types are, all the way down.
Costs are near when the whole plan's differs by at most ${COST_TOLERANCE * 100} %.

| schema | values | queries | plans | same tree | cost within ${COST_TOLERANCE * 100} % |
| --- | --- | ---: | ---: | ---: | ---: |
${all.map(row).join('\n')}

\`keep\`: the snapshot holds the statistics' values as they are. \`remap\`: it holds made-up ones in the same order.

${CAVEATS}

## Misses

${wrong.length === 0 ? 'None.' : `| schema | values | query | variant | tree | cost ratio | why |\n| --- | --- | --- | --- | --- | ---: | --- |\n${wrong.join('\n')}`}

## Verdicts

Every index is dropped, one at a time, on both sides; for each query both sides say whether its plan got worse (\`compareQuery\`).
On the data an index is dropped by marking it invalid, which is the same to the planner.

| schema | indexes | index × query | both say worse | false alarms | missed | precision | recall |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${all.flatMap(verdictRow).join('\n')}

${verdicts.length === 0 ? 'No verdict differs.' : verdicts.join('\n')}

## Not measured

Extended statistics (\`CREATE STATISTICS\`): PostgreSQL 18 has no way to restore them. Plans of queries over such columns are made
without them, and say so. Indexes that a change creates are modelled, so there is nothing real to compare them with here;
the test \`test/phantom/build-models.test.ts\` holds their size to that of really built ones.
`
}
