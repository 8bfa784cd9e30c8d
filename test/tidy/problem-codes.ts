/** Which error codes the source can raise, so that each has its page in docs/errors. */
import ts from 'typescript'
import { lineOf, nodes } from './findings.ts'

export interface ProblemCodes {
  /** Codes; a `*` stands for what is only known when it runs: `not-enough-*`. */
  readonly codes: readonly string[]
  /** Lines on which a Problem is made whose code cannot be read from the source. */
  readonly unreadable: readonly number[]
}

function codesOf(value: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(value)) return [value.text]
  if (ts.isConditionalExpression(value)) return [...codesOf(value.whenTrue), ...codesOf(value.whenFalse)]
  if (ts.isTemplateExpression(value)) {
    return [value.head.text + value.templateSpans.map((span) => `*${span.literal.text}`).join('')]
  }
  if (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) return codesOf(value.expression)
  return []
}

function makesProblem(node: ts.Node): node is ts.NewExpression {
  return ts.isNewExpression(node) && ts.isIdentifier(node.expression) && /Problem$/.test(node.expression.text)
}

/** The codes of one file. */
export function problemCodes(source: ts.SourceFile): ProblemCodes {
  const codes: string[] = []
  const unreadable: number[] = []
  for (const node of nodes(source)) {
    if (!makesProblem(node)) continue
    const details = node.arguments?.[0]
    const code =
      details !== undefined && ts.isObjectLiteralExpression(details)
        ? details.properties.find((property) => property.name?.getText(source) === 'code')
        : undefined
    const found = code !== undefined && ts.isPropertyAssignment(code) ? codesOf(code.initializer) : []
    if (found.length === 0) unreadable.push(lineOf(source, node))
    codes.push(...found)
  }
  return { codes, unreadable }
}

const matches = (code: string, page: string): boolean =>
  new RegExp(`^${code.replaceAll('*', '[a-z0-9-]+')}$`).test(page)

/** Codes without a page, and pages that no code leads to. */
export function compareCodes(codes: readonly string[], pages: readonly string[]) {
  return {
    withoutPage: codes.filter((code) => !pages.some((page) => matches(code, page))),
    withoutCode: pages.filter((page) => !codes.some((code) => matches(code, page))),
  }
}
