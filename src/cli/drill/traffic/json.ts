/** A string or number inside parsed JSON, as text; null when it is not there. Numbers come back as they were written. */
export function text(json: unknown, ...path: readonly string[]): string | null {
  let value = json
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
    value = Reflect.get(value, name)
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}
