/**
 * Time, luck and place in the core. Biome's restricted globals cannot tell `Math.random` from `Math.max`, nor
 * `new Date()` from `new Date(value)`; this rule can.
 */
import ts from 'typescript'
import { eachNode, type TidyRule } from './findings.ts'

const PURE_DATE_FUNCTIONS = new Set(['parse', 'UTC'])
/** They read the machine's time zone; `getUTC…` and `toISOString` do not. */
const LOCAL_TIME =
  /^(get(Hours|Minutes|Seconds|Day|Date|Month|FullYear|TimezoneOffset)|set(Hours|Date|Month|FullYear))$/
const LOCAL_TEXT = /^toLocale(Date|Time)?String$/

const isTypePosition = (node: ts.Node): boolean =>
  ts.isTypeReferenceNode(node.parent) || ts.isTypeQueryNode(node.parent)
/** `x.Date` and `{ Date: 1 }` only bear the name. */
const isOnlyName = (node: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ||
  (ts.isPropertyAssignment(node.parent) && node.parent.name === node) ||
  (ts.isPropertySignature(node.parent) && node.parent.name === node)

function wrongDate(node: ts.Identifier): string | undefined {
  const { parent } = node
  if (ts.isNewExpression(parent) && parent.expression === node) {
    return (parent.arguments?.length ?? 0) > 0 ? undefined : 'new Date() asks the clock'
  }
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
    return PURE_DATE_FUNCTIONS.has(parent.name.text) ? undefined : `Date.${parent.name.text} asks the clock`
  }
  return 'Date is handed on, so the clock can be asked'
}

function wrongMath(node: ts.Identifier): string | undefined {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
    return parent.name.text === 'random' ? 'Math.random is luck' : undefined
  }
  return 'Math is handed on, so luck can be asked for'
}

function wrongMember(node: ts.PropertyAccessExpression): string | undefined {
  const name = node.name.text
  if (LOCAL_TIME.test(name)) return `${name} reads the machine's time zone`
  const bare = LOCAL_TEXT.test(name) && ts.isCallExpression(node.parent) && node.parent.arguments.length === 0
  return bare ? `${name}() reads the machine's language` : undefined
}

/** No time, luck or place in the core. */
export const noAmbient: TidyRule = {
  name: 'no-ambient-in-core',
  advice:
    'The core never asks for time, luck or place: the event or observation carries `at`, a Prng comes as a parameter, ' +
    'and times are UTC.',
  appliesTo: (path) => path.startsWith('src/core/') && !path.endsWith('.test.ts'),
  look: eachNode((node) => {
    if (ts.isPropertyAccessExpression(node)) return wrongMember(node)
    if (!ts.isIdentifier(node) || isTypePosition(node) || isOnlyName(node)) return undefined
    if (node.text === 'Date') return wrongDate(node)
    if (node.text === 'Math') return wrongMath(node)
    return node.text === 'globalThis' ? 'globalThis reaches for what is ambient' : undefined
  }),
}
