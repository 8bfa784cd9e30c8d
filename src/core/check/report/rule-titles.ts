/** What each rule is called where reports list rules: those of lint, and those of the check itself. */
import { ENGINE_RULES } from '../lint/engine-rules.ts'
import { RULES } from '../lint/rules.ts'

/** Rules that no migration's text shows: they come from plans, releases, the snapshot and the policy. */
const CHECK_RULES: Readonly<Record<string, string>> = {
  'migration-fails': "The migration fails on production's schema",
  'plan-regression': 'A query gets a worse plan',
  'plan-until-analyze': 'A query has a worse plan until ANALYZE has run',
  'plan-fragile': 'A plan that could flip by itself',
  'query-broken': 'A query fails after the change',
  'query-costlier': 'A query costs more than the one of the same name in the release before',
  'snapshot-old': 'The snapshot is old',
  'index-unused': 'An index that nothing uses',
  'index-covered': 'An index that another one covers',
  'rollback-unsafe': 'The release before fails on the new schema',
  'rollback-regressed': 'The release before is slower on the new schema',
}

const TITLES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(CHECK_RULES),
  ...Object.values(ENGINE_RULES).map(({ id, title }) => [id, title] as const),
  ...RULES.map(({ id, title }) => [id, title] as const),
])

/** Falls back to the rule's id in words. */
export const ruleTitle = (id: string): string => TITLES.get(id) ?? id.replaceAll('-', ' ')

/** The page of a rule. */
export const rulePage = (id: string): string => `https://premortem.dev/rules/${encodeURIComponent(id)}`
