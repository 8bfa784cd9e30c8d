/** Checks of text files: what the documents must say, and what no file may. */

/** Built from parts, so that this file does not hold them. */
const FORBIDDEN = [['/wo', 'rk/'].join(''), ['sub', 'agent'].join('')]

/** Lines of a text that speak of the place where it was written instead of the product. */
export const forbiddenWords = (text: string): readonly string[] =>
  text.split('\n').flatMap((line, index) => {
    const word = FORBIDDEN.find((forbidden) => line.toLowerCase().includes(forbidden))
    return word === undefined ? [] : [`line ${index + 1}: ${word}`]
  })

/** Package names that docs/dependencies.md gives a sentence: lines like "- `pg`: …". */
export const explainedPackages = (text: string): readonly string[] =>
  [...text.matchAll(/^- `([^`]+)`: .{20,}$/gm)].map((match) => match[1] ?? '')

/** Package names of a package.json that need a sentence. */
export function declaredPackages(text: string): readonly string[] {
  const manifest: { dependencies?: object; devDependencies?: object; optionalDependencies?: object } = JSON.parse(text)
  return [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap((group) =>
    Object.keys(group ?? {}),
  )
}

/** Relative links of a Markdown text, without their `#anchor`. */
export const localLinks = (text: string): readonly string[] =>
  [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
