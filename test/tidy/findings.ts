/** What the tidy rules are made of: a rule looks at one parsed file and names the lines that break it. */
import ts from 'typescript'

/** A line that breaks a rule. */
export interface Finding {
  /** Counts from 1. */
  readonly line: number
  readonly what: string
}

export interface TidyRule {
  /** Kebab-case; its bad fixture is `test/guards/fixtures/tidy/<name>.ts`. */
  readonly name: string
  /** What a hit means and what to do. */
  readonly advice: string
  /** True for the files that the rule holds in, by path from the root. */
  readonly appliesTo: (path: string) => boolean
  readonly look: (source: ts.SourceFile) => readonly Finding[]
}

export const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)

/** All nodes of a file, parents first. */
export function* nodes(node: ts.Node): Generator<ts.Node> {
  yield node
  const children: ts.Node[] = []
  ts.forEachChild(node, (child) => {
    children.push(child)
  })
  for (const child of children) yield* nodes(child)
}

/** The line on which a node's own text starts (comments before it aside), from 1. */
export const lineOf = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1

/** The line on which a node ends, from 1. */
export const endLineOf = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.getEnd()).line + 1

/** A rule's `look` from a question about one node: undefined when it is fine, else what is wrong with it. */
export const eachNode =
  (wrong: (node: ts.Node, source: ts.SourceFile) => string | undefined) =>
  (source: ts.SourceFile): readonly Finding[] =>
    [...nodes(source)].flatMap((node) => {
      const what = wrong(node, source)
      return what === undefined ? [] : [{ line: lineOf(source, node), what }]
    })

/** A rule's `look` from a question about one line of text. */
export const eachLine =
  (wrong: (line: string) => string | undefined) =>
  (source: ts.SourceFile): readonly Finding[] =>
    source.text.split('\n').flatMap((text, index) => {
      const what = wrong(text)
      return what === undefined ? [] : [{ line: index + 1, what }]
    })
