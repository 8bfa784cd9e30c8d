import { countsOf, type Shown } from './shown.ts'

/** The stable JSON of lint: `findings` as in `premortem check --json`. Fields may be added. */
export function renderJson(shown: Shown): string {
  const { files, result, fixed, written, remarks } = shown
  const counts = countsOf(shown)
  const fixable = new Set(result.fixes.map(({ finding }) => finding))
  return `${JSON.stringify(
    {
      schema: 'https://premortem.dev/schema/lint-1.json',
      verdict: counts.error > 0 ? 'fail' : counts.warning > 0 ? 'warn' : 'pass',
      files: files.map(({ path, format, transactional }) => ({ path, format, transactional })),
      findings: result.findings.map((finding) => ({ ...finding, fixable: fixable.has(finding) })),
      summary: counts,
      fixes: {
        written,
        applied: fixed.flatMap(({ applied }) => applied.map(({ rule, file, line }) => ({ rule, file, line }))),
        refused: fixed.flatMap(({ refused }) =>
          refused.map(({ finding: { rule, file, line }, why }) => ({ rule, file, line, why })),
        ),
      },
      remarks,
    },
    null,
    2,
  )}\n`
}
