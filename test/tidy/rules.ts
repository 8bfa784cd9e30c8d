/** Every tidy rule that looks at one file; test/tidy/tidy.test.ts holds the tree to them. */
import ts from 'typescript'
import { noAmbient } from './ambient.ts'
import { eachLine, eachNode, endLineOf, lineOf, type TidyRule } from './findings.ts'

const MAX_FUNCTION_LINES = 60
const MAX_POSITIONAL_PARAMETERS = 3

const MARKS = ['TODO', 'FIXME', 'XXX', 'HACK']
/** A mark in a comment; the same word in code is only a word. */
const OPEN_ENDS = new RegExp(`(?://|\\*).*\\b(${MARKS.join('|')})\\b`)

const inCore = (path: string): boolean => path.startsWith('src/core/')
const isTest = (path: string): boolean => path.endsWith('.test.ts')
const everywhere = (): boolean => true

/** `describe` is a table of contents and may be as long as it needs; what it holds may not. */
function isDescribe(node: ts.Node): boolean {
  const { parent } = node
  if (!ts.isCallExpression(parent)) return false
  return /^describe\b/.test(parent.expression.getText())
}

const shortFunctions: TidyRule = {
  name: 'short-functions',
  advice: `A function has at most ${MAX_FUNCTION_LINES} lines. Name a part of it and take it out.`,
  appliesTo: everywhere,
  look: eachNode((node, source) => {
    if (!ts.isFunctionLike(node) || isDescribe(node)) return undefined
    const lines = endLineOf(source, node) - lineOf(source, node) + 1
    return lines > MAX_FUNCTION_LINES ? `${lines} lines in one function` : undefined
  }),
}

const fewParameters: TidyRule = {
  name: 'few-parameters',
  advice: `At most ${MAX_POSITIONAL_PARAMETERS} positional parameters. Take an options object: its names say what is what.`,
  appliesTo: everywhere,
  look: eachNode((node) => {
    if (!ts.isFunctionLike(node)) return undefined
    const count = node.parameters.filter((parameter) => parameter.name.getText() !== 'this').length
    return count > MAX_POSITIONAL_PARAMETERS ? `${count} parameters` : undefined
  }),
}

const noAny: TidyRule = {
  name: 'no-any',
  advice: '`any` switches the compiler off. Use `unknown` and look at the value, or write its type.',
  appliesTo: (path) => !path.startsWith('src/adapters/'),
  look: eachNode((node) => (node.kind === ts.SyntaxKind.AnyKeyword ? '`any`' : undefined)),
}

const noSilencedCompiler: TidyRule = {
  name: 'no-silenced-compiler',
  advice: 'The compiler was told to look away. Correct the types instead.',
  appliesTo: everywhere,
  look: eachLine((line) => /(\/\/|\/\*)\s*(@ts-(ignore|nocheck|expect-error))/.exec(line)?.[2]),
}

const noSilencedLinter: TidyRule = {
  name: 'no-silenced-linter-in-core',
  advice: 'The core keeps every lint rule: change the code, or the rule for all.',
  appliesTo: inCore,
  look: eachLine((line) => (/(\/\/|\/\*)\s*biome-ignore/.test(line) ? 'biome-ignore' : undefined)),
}

const noOpenEnds: TidyRule = {
  name: 'no-open-ends',
  advice: 'Do it now, or open an issue and put its link on this line.',
  appliesTo: everywhere,
  look: eachLine((line) => {
    const mark = OPEN_ENDS.exec(line)?.[1]
    return mark === undefined || /https?:\/\/\S+/.test(line) ? undefined : `${mark} without the link of an issue`
  }),
}

const noSkippedTests: TidyRule = {
  name: 'no-skipped-tests',
  advice: 'A test that does not run proves nothing. Make it pass, or delete it; run one file by naming it.',
  appliesTo: isTest,
  look: eachNode((node) => {
    if (ts.isIdentifier(node)) return /^(xit|xdescribe|xtest)$/.test(node.text) ? node.text : undefined
    if (!ts.isPropertyAccessExpression(node) || !/^(it|test|describe|suite)\b/.test(node.expression.getText())) {
      return undefined
    }
    return /^(skip|only|todo|fails|skipIf|runIf)$/.test(node.name.text) ? `.${node.name.text}` : undefined
  }),
}

const saysNothing = (block: ts.Block, source: ts.SourceFile): boolean =>
  block.statements.length === 0 && /^\{\s*\}$/.test(block.getText(source))

/** `() => {}`, `() => undefined`, `() => null`: an error goes in and nothing comes out. */
function swallows(handler: ts.Expression | undefined, source: ts.SourceFile): boolean {
  if (handler === undefined || !ts.isArrowFunction(handler)) return false
  if (ts.isBlock(handler.body)) return saysNothing(handler.body, source)
  return /^(undefined|null|void 0)$/.test(handler.body.getText(source))
}

/** Whether a comment stands right above the statement that a node is in. */
function hasReasonAbove(node: ts.Node, source: ts.SourceFile): boolean {
  const statement = ts.findAncestor(node, ts.isStatement)
  if (statement === undefined) return false
  return (ts.getLeadingCommentRanges(source.text, statement.getFullStart()) ?? []).length > 0
}

const noSwallowedErrors: TidyRule = {
  name: 'no-swallowed-errors',
  advice:
    'An error is dropped here without a word. Handle it, or say why nothing needs to be done: in the empty block, or above the statement.',
  appliesTo: everywhere,
  look: eachNode((node, source) => {
    if (ts.isCatchClause(node)) return saysNothing(node.block, source) ? 'an empty catch' : undefined
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
    if (node.expression.name.text !== 'catch' || !swallows(node.arguments[0], source)) return undefined
    return hasReasonAbove(node, source) ? undefined : 'a .catch that drops the error'
  }),
}

const noExit: TidyRule = {
  name: 'no-exit',
  advice: 'Only bin/ and src/cli may end the process. Throw a Problem, or return; the cli turns it into an exit code.',
  appliesTo: (path) => path.startsWith('src/') && !path.startsWith('src/cli/') && !isTest(path),
  look: eachNode((node, source) =>
    ts.isPropertyAccessExpression(node) && /^process[.](exit|abort|reallyExit)$/.test(node.getText(source))
      ? node.getText(source)
      : undefined,
  ),
}

/** All of them; each has its bad fixture. */
export const RULES: readonly TidyRule[] = [
  noAmbient,
  shortFunctions,
  fewParameters,
  noAny,
  noSilencedCompiler,
  noSilencedLinter,
  noOpenEnds,
  noSkippedTests,
  noSwallowedErrors,
  noExit,
]
