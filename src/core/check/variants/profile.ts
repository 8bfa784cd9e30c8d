/** Which settings a role's sessions plan with in production. */
import type { SettingSnapshot, Snapshot } from '../snapshot.ts'

/** Settings that change plans or what names and values mean. Sizes of memory areas that the phantom does not have are none. */
const PLANNING = new Set(
  (
    'seq_page_cost random_page_cost cpu_tuple_cost cpu_index_tuple_cost cpu_operator_cost parallel_setup_cost ' +
    'parallel_tuple_cost min_parallel_table_scan_size min_parallel_index_scan_size max_parallel_workers ' +
    'max_parallel_workers_per_gather parallel_leader_participation effective_cache_size effective_io_concurrency ' +
    'work_mem hash_mem_multiplier enable_async_append enable_bitmapscan enable_distinct_reordering enable_gathermerge ' +
    'enable_group_by_reordering enable_hashagg enable_hashjoin enable_incremental_sort enable_indexonlyscan ' +
    'enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop enable_parallel_append ' +
    'enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join ' +
    'enable_presorted_aggregate enable_self_join_elimination enable_seqscan enable_sort enable_tidscan ' +
    'constraint_exclusion from_collapse_limit join_collapse_limit geqo geqo_effort geqo_generations geqo_pool_size ' +
    'geqo_seed geqo_selection_bias geqo_threshold cursor_tuple_fraction recursive_worktable_factor ' +
    'default_text_search_config DateStyle IntervalStyle TimeZone transform_null_equals array_nulls search_path'
  )
    .toLowerCase()
    .split(' '),
)

/**
 * Settings of a role in the snapshot's database, the last word of each name; PostgreSQL's order: the server's, the
 * database's, the role's, the role's in the database.
 * @param role null: not known
 */
export function settingsOf(snapshot: Snapshot, role: string | null): readonly SettingSnapshot[] {
  const overrides = (of: string | null, inDatabase: boolean) =>
    snapshot.overrides
      .filter((one) => one.role === of && one.inDatabase === inDatabase)
      .flatMap(({ settings }) => settings)
  const own = role === null ? [] : [...overrides(role, false), ...overrides(role, true)]
  const all = [...snapshot.settings, ...overrides(null, false), ...overrides(null, true), ...own]
  const last = new Map(all.map((setting) => [setting.name.toLowerCase(), setting]))
  return [...last.values()]
    .filter(({ name }) => PLANNING.has(name.toLowerCase()))
    .map(({ name, value }) => ({ name, value: name === 'search_path' ? withUser(value, role) : value }))
}

/** There are no roles on the phantom, so `"$user"` is put in as what it stands for. */
function withUser(path: string, role: string | null): string {
  return role === null ? path : path.replaceAll(/"\$user"|\$user/g, `"${role.replaceAll('"', '""')}"`)
}
