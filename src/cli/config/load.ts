/** Finds and reads `premortem.yaml`; every error names its line. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { Problem } from '../../base/problem.ts'
import { DEFAULT_POLICY, type GatePolicy } from '../../core/check/gate/policy.ts'
import type { LintConfig } from '../../core/check/lint/config.ts'
import type { MigrationFormat } from '../../core/check/sql.ts'
import { type ConfigFile, configSchema } from './schema.ts'
import { nearest } from './suggest.ts'

export const CONFIG_NAME = 'premortem.yaml'
const DEFAULT_SNAPSHOT = 'premortem.snapshot.json'
const MAX_CONFIG_BYTES = 1024 * 1024
/** Upwards from where the command runs. */
const MAX_LEVELS = 40
const SECRET = /\b(?:postgres(?:ql)?|https?):\/\/[^\s:@/]*:[^\s@/]+@/

/** The configuration with its defaults. Paths are relative to `folder`. */
export interface Config {
  /** Null when there is no file and the defaults hold. */
  readonly file: string | null
  /** Absolute. */
  readonly folder: string
  readonly service: string | null
  readonly snapshot: string
  readonly releases: string | null
  /** Empty: found by itself. */
  readonly migrations: readonly string[]
  readonly queries: readonly string[]
  readonly format: MigrationFormat | 'auto'
  readonly policy: GatePolicy
  readonly rollbackTarget: string | null
  readonly lint: LintConfig
}

/**
 * The configuration for a folder: the named file, or the nearest `premortem.yaml` from `cwd` upwards to the root of the
 * repository, or the defaults.
 * @throws Problem `config-unreadable`, `config-invalid`, `config-holds-secret`
 */
export async function loadConfig(cwd: string, named?: string): Promise<Config> {
  const file = named === undefined ? findUpwards(cwd) : resolve(cwd, named)
  if (file === null) return withDefaults({}, { file: null, folder: cwd })
  const shown = relative(cwd, file) || CONFIG_NAME
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Problem({
      code: 'config-unreadable',
      what: `The configuration ${shown} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      where: shown,
      remedy: 'Name a file that is there with --config, or leave the option out.',
      cause,
    })
  })
  return withDefaults(parseConfig(text, shown), { file, folder: dirname(file) })
}

function findUpwards(cwd: string): string | null {
  let folder = resolve(cwd)
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const file = join(folder, CONFIG_NAME)
    if (existsSync(file)) return file
    const parent = dirname(folder)
    if (existsSync(join(folder, '.git')) || parent === folder) return null
    folder = parent
  }
  return null
}

/**
 * Reads the text of a configuration.
 * @throws Problem `config-invalid`, `config-holds-secret`
 */
export function parseConfig(text: string, shown: string): ConfigFile {
  if (text.length > MAX_CONFIG_BYTES)
    throw invalid(`${shown}:1`, `it has ${text.length} characters; ${MAX_CONFIG_BYTES} is the most`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${shown}:${line}:${col}`
  }
  const [error] = document.errors
  if (error) throw invalid(at(error.pos[0]), error.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? 'no YAML')
  const secret = SECRET.exec(text)
  if (secret) throw holdsSecret(at(secret.index))
  const parsed = configSchema.safeParse(contentOf(document, at) ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue === undefined) throw invalid(`${shown}:1`, 'it is no configuration')
  throw invalid(at(offsetOf(document, issue)), wordsOf(issue, knownKeys(issue.path)))
}

/** Aliases that lead nowhere, or multiply without end, are found only now. */
function contentOf(document: Document, at: (offset: number) => string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw invalid(at(0), error.message)
  }
}

/** Where the issue stands: the misspelt key itself, or the value. */
function offsetOf(document: Document, issue: z.core.$ZodIssue): number {
  let node: unknown = document.contents
  for (const key of issue.path) {
    const next = isMap(node) ? node.get(key, true) : null
    if (next === null || next === undefined) break
    node = next
  }
  if (issue.code === 'unrecognized_keys' && isMap(node)) {
    const pair = node.items.find((one) => isScalar(one.key) && one.key.value === issue.keys[0])
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0
  }
  return (node as Node | null)?.range?.[0] ?? 0
}

/** The keys that the schema knows at a path. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = configSchema
  for (const key of path) schema = shapeOf(schema)[String(key)]
  return Object.keys(shapeOf(schema))
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (typeof schema !== 'object' || schema === null) return {}
  if ('unwrap' in schema && typeof schema.unwrap === 'function') return shapeOf(schema.unwrap())
  return 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null
    ? (schema.shape as Readonly<Record<string, unknown>>)
    : {}
}

function wordsOf(issue: z.core.$ZodIssue, known: readonly string[]): string {
  const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const near = nearest(key, known)
    return `${where}the key "${key}" is not known${near === null ? '' : `; did you mean "${near}"?`} (known: ${known.join(', ')})`
  }
  if (issue.code === 'invalid_value') return `${where}must be one of ${issue.values.map(String).join(', ')}`
  return `${where}${issue.message}`
}

const invalid = (where: string, reason: string): Problem =>
  new Problem({
    code: 'config-invalid',
    what: `The configuration is not valid: ${reason}.`,
    where,
    remedy: 'Correct this line; docs/config.md shows every key.',
  })

const holdsSecret = (where: string): Problem =>
  new Problem({
    code: 'config-holds-secret',
    what: 'The configuration holds an address with a password.',
    where,
    remedy: 'Take it out, change the password, and give the address by --url or the environment.',
  })

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

function withDefaults(written: ConfigFile, place: Pick<Config, 'file' | 'folder'>): Config {
  const { postgres } = written
  const { rules, ...conditions } = written.check?.policy ?? {}
  return {
    ...place,
    service: written.service ?? null,
    snapshot: written.snapshot ?? DEFAULT_SNAPSHOT,
    releases: written.releases ?? null,
    migrations: listOf(written.migrations),
    queries: listOf(written.queries),
    format: written.format ?? 'auto',
    policy: { ...DEFAULT_POLICY, ...conditions, rules: rules ?? {} },
    rollbackTarget: written.check?.['rollback-target'] ?? null,
    lint: {
      ...(written.lint?.rules ? { rules: written.lint.rules } : {}),
      ...(postgres === undefined ? {} : { serverVersion: postgres * 10_000 }),
    },
  }
}
