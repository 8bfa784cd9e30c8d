/** Every number by which plans are judged, with its reason. Costs are the planner's units. */

/** The planner itself takes plans within 1 % for equally good (STD_FUZZ_FACTOR, optimizer/util/pathnode.c). */
export const TIE_FACTOR = 1.01
/** Less is rounding: a page read in order costs 1. */
export const TIE_COST = 1

/** With another plan, a rise by this factor counts: what other tools that compare plans have settled on. */
export const REGRESSED_FACTOR = 1.1
/** With the same plan, only a doubling counts: the same work, and an estimate that has moved. */
export const REGRESSED_FACTOR_SAME_PLAN = 2
/** A dozen random pages; less is below what a client can measure. */
export const REGRESSED_FLOOR = 50

/** Milliseconds a unit of cost takes where nobody measured the query; machines differ by ten either way. */
export const ASSUMED_MS_PER_UNIT = 0.01

/** Milliseconds of added database time a minute from which a regression is an error: a tenth of a connection. */
export const ERROR_MS_PER_MINUTE = 6000
/** … and from which it is a warning: a hundredth. */
export const WARNING_MS_PER_MINUTE = 600
/** Added to one call, however rare: a person waits for it. */
export const ERROR_MS_PER_CALL = 1000
export const WARNING_MS_PER_CALL = 100

/** Where nobody counted: a query that is in the workload runs now and then. */
export const ASSUMED_CALLS_PER_MINUTE = 1

/** States planned in one round of the search for the guilty statement: they are made together. */
export const MAX_STATES_PER_ROUND = 8
/** Rounds of that search: enough for 9 to the power of 6 statements. */
export const MAX_ROUNDS = 12

/** Seeds of statistics within the sampling error of ANALYZE. */
export const FRAGILITY_SEEDS = 8
/** The costliest queries of the workload are scored. */
export const MAX_FRAGILITY_QUERIES = 60
/** A plan that flips counts when its estimated cost moves by this factor, */
export const FRAGILE_COST_FACTOR = 2
/** … or the rows expected of a table do: then the cost says nothing. */
export const FRAGILE_ROWS_FACTOR = 10
/** One seed of eight is an accident. */
export const FRAGILE_SHARE = 0.25
/** Cheaper queries may flip as they like. */
export const FRAGILE_COST_FLOOR = 1000
