/** A result as a list of findings with a place, for forms that know nothing else: SARIF, annotations, code quality. */
import type { Finding } from '../finding.ts'
import type { CheckResult } from '../result.ts'

/** A finding, and what it is recognised by from one run to the next although lines move. */
export interface Located {
  readonly finding: Finding
  /** From the repository's root; the change's first file where the finding is about none. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly fingerprint: string
}

/** FNV-1a over UTF-16 units, 32 bits; two with different seeds make the fingerprint. */
function hash(text: string, seed: number): string {
  let value = seed >>> 0
  for (let at = 0; at < text.length; at += 1) {
    value ^= text.charCodeAt(at)
    value = Math.imul(value, 0x01000193) >>> 0
  }
  return value.toString(16).padStart(8, '0')
}

const fingerprintOf = (parts: readonly string[]): string => {
  const text = parts.join('\u0000')
  return hash(text, 0x811c9dc5) + hash(text, 0x9747b28c)
}

/** Numbers change with the data and the place with every edit: neither says whether it is the same finding. */
const steady = (message: string): string => message.replace(/[\d.,]+/g, '#')

/** The rollback as findings: it has no lines of its own in `findings`. */
function rollbackFindings({ rollbackSafety: safety }: CheckResult): readonly Finding[] {
  const to = safety.target ?? 'the release before'
  return safety.broken
    .filter((one) => one.code === 'old')
    .map((one) => ({
      rule: one.kind === 'error' ? 'rollback-unsafe' : 'rollback-regressed',
      severity: one.kind === 'error' ? ('error' as const) : ('warning' as const),
      file: one.blamedOn?.file ?? null,
      line: one.blamedOn?.line ?? null,
      column: null,
      message: `${one.name ?? one.query.replace(/\s+/g, ' ').trim()} of ${to} ${one.kind === 'error' ? 'fails' : 'is slower'} on the new schema: ${one.reason}.`,
      remedy: safety.sequence.join(' ') || 'Split the change so that both releases run on each schema.',
    }))
}

/** `./` and the way from the repository's root put in front. */
function fromRoot(prefix: string, file: string): string {
  const folder = prefix.replace(/^\.\/|\/+$/g, '')
  const path = file.replace(/^\.\//, '')
  if (folder === '' || path.startsWith('/')) return path
  const parts: string[] = folder.split('/')
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0) parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

/**
 * All findings with a place.
 * @param prefix where the check ran, from the repository's root, such as `examples/payments`; empty for the root
 */
export function locatedFindings(result: CheckResult, prefix: string): readonly Located[] {
  const seen = new Map<string, number>()
  const fallback = result.files[0] ?? 'premortem.yaml'
  return [...result.findings, ...rollbackFindings(result)].map((finding) => {
    const file = fromRoot(prefix, finding.file ?? fallback)
    const base = fingerprintOf([finding.rule, file, steady(finding.message)])
    const times = (seen.get(base) ?? 0) + 1
    seen.set(base, times)
    const fingerprint = times === 1 ? base : fingerprintOf([base, String(times)])
    return { finding, file, line: Math.max(1, finding.line ?? 1), fingerprint }
  })
}
