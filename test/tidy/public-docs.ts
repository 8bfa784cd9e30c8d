/** Which exported functions and types have no TSDoc. */
import ts from 'typescript'

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)

const hasDoc = (node: ts.Node): boolean => ts.getJSDocCommentsAndTags(node).length > 0

/** Functions in a `const`; other constants speak by their name and value. */
function functionNames(statement: ts.VariableStatement): readonly string[] {
  return statement.declarationList.declarations.flatMap((declaration) => {
    const value = declaration.initializer
    const isFunction = value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
    return isFunction ? [declaration.name.getText()] : []
  })
}

function names(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) return functionNames(statement)
  const declares =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return declares && statement.name !== undefined ? [statement.name.text] : []
}

/** Their names, in the order of the file. */
export const undocumented = (source: ts.SourceFile): readonly string[] =>
  source.statements.filter((statement) => isExported(statement) && !hasDoc(statement)).flatMap(names)
