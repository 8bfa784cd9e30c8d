/** Variables that a child may see of ours. Everything else, secrets above all, is given by name or not at all. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'NODE_EXTRA_CA_CERTS']

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>

/** The environment of a child: the few variables that every program needs, and what it is given. */
export function childEnvironment(ours: NodeJS.ProcessEnv, given: Environment): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const name of PASSED_ON) {
    const value = ours[name]
    if (value !== undefined) passed[name] = value
  }
  return { ...passed, ...given }
}
