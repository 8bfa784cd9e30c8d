/** Which of production's settings a phantom takes: those that decide plans and how SQL is read. */
import type { SettingSnapshot, Snapshot } from '../../../core/check/snapshot.ts'
import { type Connection, literal, quoted, sqlStateOf } from '../connection.ts'

/**
 * Besides the group "Query Tuning". What belongs to the server (shared_buffers, preloaded libraries), what would end the
 * planning early (time-outs) and what would forbid the phantom's own work (read-only) stays as the phantom has it.
 */
const FURTHER = new Set([
  'work_mem',
  'hash_mem_multiplier',
  'temp_buffers',
  'max_parallel_workers',
  'max_parallel_workers_per_gather',
  'parallel_leader_participation',
  'effective_io_concurrency',
  'maintenance_io_concurrency',
  'default_statistics_target',
  'search_path',
  'default_text_search_config',
  'transform_null_equals',
  'array_nulls',
  'timezone',
  'datestyle',
  'intervalstyle',
  'extra_float_digits',
  'bytea_output',
  'xmlbinary',
  'xmloption',
  'row_security',
])
const TUNING = `select name from pg_settings where category like 'Query Tuning%'`
/** UNDEFINED_OBJECT: a setting that this version or build does not have. */
const UNKNOWN_SETTING = '42704'
/** A value that this version does not take, or a setting that only a server's start can change. */
const REFUSED = new Set([UNKNOWN_SETTING, '22023', '55P02'])

/**
 * Makes them the database's own, so that every session on it, and on its copies, has them.
 * @returns names of those that this server does not take
 */
export async function takeSettings(
  connection: Connection,
  target: { readonly database: string; readonly snapshot: Snapshot },
): Promise<readonly string[]> {
  const { client } = connection
  const tuning = new Set((await client.query<{ name: string }>(TUNING)).rows.map(({ name }) => name))
  const refused: string[] = []
  for (const { name, value } of planningSettings(target.snapshot, tuning)) {
    try {
      await client.query(`alter database ${quoted(target.database)} set ${quoted(name)} to ${valueSql(name, value)}`)
    } catch (error) {
      if (!REFUSED.has(sqlStateOf(error) ?? '')) throw error
      refused.push(name)
    }
  }
  // The phantom's server is its own, so its one tablespace can be what production's default one is.
  for (const { name, value } of target.snapshot.tablespaceCosts ?? []) {
    try {
      await client.query(`alter tablespace pg_default set (${quoted(name)} = ${literal(value)})`)
    } catch (error) {
      if (!REFUSED.has(sqlStateOf(error) ?? '')) throw error
      refused.push(name)
    }
  }
  return refused
}

/** The settings as a session of no particular role has them; the last one of a name wins. */
function planningSettings(snapshot: Snapshot, tuning: ReadonlySet<string>): readonly SettingSnapshot[] {
  const forAll = snapshot.overrides.filter(({ role }) => role === null)
  const inOrder = [...forAll.filter((one) => !one.inDatabase), ...forAll.filter((one) => one.inDatabase)]
  const found = new Map<string, SettingSnapshot>()
  for (const setting of [...snapshot.settings, ...inOrder.flatMap(({ settings }) => settings)]) {
    const key = setting.name.toLowerCase()
    if (tuning.has(setting.name) || FURTHER.has(key)) found.set(key, setting)
  }
  return [...found.values()]
}

/** search_path is a list: as one literal it would name a single schema. */
const valueSql = (name: string, value: string): string => {
  if (name !== 'search_path') return literal(value)
  const items = value.match(/"(?:[^"]|"")*"|[^,\s]+/g) ?? []
  return items.length === 0 ? "''" : items.map((item) => (item.startsWith('"') ? item : literal(item))).join(', ')
}
