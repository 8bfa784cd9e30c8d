import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { codeBlock, codeSpan, escapeText, linkOf, oneLine } from '../../src/core/learn/escape.ts'
import { Footnotes, item, paragraph, table } from '../../src/core/learn/render-parts.ts'
import { code, say, text } from '../../src/core/learn/rich.ts'

const rendered = (markdown: string): string =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })

const tags = (markup: string): readonly string[] => [
  ...new Set([...markup.matchAll(/<([a-z][a-z0-9]*)/g)].map((match) => match[1] ?? '')),
]

const NAMED = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
])

/** What a reader sees, with runs of white space as one space. */
const seen = (markup: string): string =>
  markup
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|amp|quot);/g, (_match, name: string) => NAMED.get(name) ?? '')
    .replace(/\s+/g, ' ')
    .trim()

const squeezed = (value: string): string => oneLine(value).replace(/\s+/g, ' ').trim()

/** Strings that are likely to hurt: pieces of markup, put together at random. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '|',
        '\\',
        '`',
        '``',
        '```',
        '*',
        '**',
        '_',
        '__',
        '~~',
        '<b>',
        '</td>',
        '<script>',
        '<!--',
        '-->',
        '&amp;',
        '&#35;',
        '[x](javascript:alert(1))',
        '![x](y)',
        '[^e1]',
        '[^e1]: x',
        '# ',
        '#',
        '> ',
        '- ',
        '- [ ] ',
        '+ ',
        '1. ',
        '1) ',
        '===',
        '---',
        '\n',
        '\r\n',
        '\n\n',
        '\t',
        '    ',
        '@here',
        'a@b.example',
        'https://evil.example',
        'www.evil.example',
        'http://',
        '$x$',
        ':',
        '|-|',
        '\u202e',
        '\u200b',
        '"',
        "'",
        '%',
        '\\|',
        '\\\\|',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''))

describe('values in Markdown', () => {
  it('stay plain text in a paragraph, whatever they contain', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const markup = rendered(paragraph([text(value)], new Footnotes()))
        expect(tags(markup).filter((tag) => tag !== 'p' && tag !== 'code')).toEqual([])
        expect(seen(markup)).toBe(squeezed(value))
      }),
      { numRuns: 1500 },
    )
  })

  it('stay one item of a list', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const markup = rendered(item([text('Found: '), text(value)], new Footnotes()))
        expect(tags(markup).filter((tag) => !['ul', 'li', 'code'].includes(tag))).toEqual([])
        expect(seen(markup)).toBe(squeezed(`Found: ${oneLine(value)}`))
      }),
      { numRuns: 1000 },
    )
  })

  it('stay in their cell of a table, as text and as code', () => {
    fc.assert(
      fc.property(hostile, hostile, (first, second) => {
        const columns = [
          { title: 'A', align: 'left' as const },
          { title: 'B', align: 'right' as const },
        ]
        const markup = rendered(table({ columns, rows: [[say`x${text(first)}`, [code(second)]]] }, new Footnotes()))
        const cells = [...markup.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map((match) => match[1] ?? '')
        expect(cells).toHaveLength(2)
        expect(seen(cells[0] ?? '')).toBe(squeezed(`x${oneLine(first)}`))
        expect(
          tags(markup).filter((tag) => !['table', 'thead', 'tbody', 'tr', 'th', 'td', 'code'].includes(tag)),
        ).toEqual([])
      }),
      { numRuns: 1500 },
    )
  })

  it('cannot end the block of code they stand in', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const markup = rendered(`${codeBlock('sql', value)}\n\nafter`)
        expect(tags(markup)).toEqual(['pre', 'code', 'p'])
        expect(markup.trimEnd().endsWith('<p>after</p>')).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('cannot end a span of code', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        expect(tags(rendered(`x ${codeSpan(value)} y`))).toEqual(['p', 'code'])
      }),
      { numRuns: 1000 },
    )
  })

  it('become no link, address or mention by themselves', () => {
    const markup = rendered(escapeText('see https://evil.example, www.evil.example, a@b.example and @here'))
    expect(tags(markup)).toEqual(['p', 'code'])
    expect(markup).toContain('<code>@here</code>')
  })

  it('lose what cannot be seen: zero-width characters and turned reading direction', () => {
    expect(escapeText('a\u200bb\u202ec\u0000d\ufeffe')).toBe('abcde')
  })

  it('are linked only to harmless addresses', () => {
    expect(linkOf('click', 'javascript:alert(1)', 'text')).toBe('`javascript:alert(1)`')
    expect(linkOf('click', 'https://x.example/a)b', 'text')).toBe('[click](<https://x.example/a)b>)')
    expect(linkOf('click', 'https://x.example/<b>', 'text')).not.toContain('](')
  })

  it('keep names with underscores and release numbers readable in the source', () => {
    expect(escapeText('idx_payment_transactions of 2.3.1, 83.3 s')).toBe('idx_payment_transactions of 2.3.1, 83.3 s')
  })
})
