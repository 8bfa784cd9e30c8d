/** Where the documents of this stage find what makes values harmless; other stages write Markdown, too. */
export { atLineStart, codeBlock, codeSpan, escapeText, linkOf, oneLine } from '../escape.ts'
