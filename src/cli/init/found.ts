/** From files to what the configuration should say: migrations, queries, releases, CI. */
import { join } from 'node:path'
import { detectFormat, isWayBack } from '../../core/check/formats/detect.ts'
import { baseName, folderName } from '../../core/check/formats/format.ts'
import { FORMATS } from '../../core/check/formats/formats.ts'
import type { MigrationFormat } from '../../core/check/sql.ts'
import { headOf, type Repository } from './look.ts'

/** A folder of migrations, or one pattern for the folders of all releases. */
export interface MigrationFolder {
  readonly path: string
  readonly format: MigrationFormat
  readonly files: number
}

/** Which job is written. */
export type Ci = 'github' | 'gitlab' | 'none'

/** What the configuration can be written from. */
export interface Found {
  readonly service: string | null
  readonly releases: string | null
  readonly migrations: readonly MigrationFolder[]
  readonly queries: readonly string[]
  readonly ci: Ci
  /** Tools whose migrations are programs: premortem reads SQL. */
  readonly notSql: readonly string[]
}

/** SQL files whose text is looked at. */
const MAX_LOOKED_AT = 2000
const MIGRATION_FOLDER = /(^|\/)(migrations?|migrate|deploy|drizzle|schema_changes|changesets?)(\/|$)/i
const NO_CHANGE = /(^|\/)(tests?|__tests__|fixtures?|testdata|seeds?|examples?|snapshots?)(\/|$)/i
const VERSION = /^v?\d+(\.\d+)+/

/** Named by a marker file or a dependency; what they write is no SQL. */
const PROGRAMS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/(^|\/)package\.json$/, /"(knex|typeorm|sequelize|umzug)"\s*:/, 'a JavaScript migration tool'],
  [/(^|\/)Gemfile$/, /\brails\b/, 'Rails'],
  [/(^|\/)alembic\.ini$/, /./, 'Alembic'],
  [/(^|\/)manage\.py$/, /django/i, 'Django'],
  [/(^|\/)mix\.exs$/, /ecto/, 'Ecto'],
  [/(^|\/)(db|liquibase|src)\/.*changelog.*\.(xml|ya?ml|json)$/, /./, 'Liquibase'],
]

const dirOf = (path: string): string => path.split('/').slice(0, -1).join('/') || '.'

/** The folder that a person would name: above one folder per migration. */
function folderFor(path: string, format: MigrationFormat): string {
  if (format === 'sqitch') return path.replace(/(^|.*\/)deploy\/.*$/, '$1deploy')
  const own = baseName(path) === 'migration.sql' || baseName(path) === 'up.sql'
  return own && /^\d/.test(folderName(path)) ? dirOf(dirOf(path)) : dirOf(path)
}

interface Kinds {
  readonly migrations: Map<string, { format: MigrationFormat; files: number }>
  readonly queries: Set<string>
}

async function kindsOf({ folder, files }: Repository): Promise<Kinds> {
  const kinds: Kinds = { migrations: new Map(), queries: new Set() }
  const plans = new Set(files.filter((path) => baseName(path) === 'sqitch.plan').map(dirOf))
  const sql = files.filter((path) => /\.sql$/i.test(path) && !NO_CHANGE.test(path)).slice(0, MAX_LOOKED_AT)
  for (const path of sql) {
    const text = await headOf(join(folder, path))
    if (/^--\s*name:\s*\S+/m.test(text)) {
      kinds.queries.add(path)
      continue
    }
    const above = [...plans].some((plan) => plan === '.' || path.startsWith(`${plan}/`))
    const format = detectFormat({ path, text, sqitchPlan: above })
    if (isWayBack(path) || !FORMATS[format].accepts(path)) continue
    if (format === 'plain' && !MIGRATION_FOLDER.test(dirOf(path)) && !/^\d{3,}/.test(baseName(path))) continue
    const key = folderFor(path, format)
    const before = kinds.migrations.get(key)
    kinds.migrations.set(key, { format: before?.format ?? format, files: (before?.files ?? 0) + 1 })
  }
  return kinds
}

/** `releases/2.3.0/migrations` and its siblings: then there is one folder a release. */
function releasesOf(paths: readonly string[]): { readonly releases: string; readonly name: RegExp } | null {
  const parents = new Map<string, Set<string>>()
  for (const path of paths) {
    const parts = path.split('/')
    const at = parts.findIndex((part) => VERSION.test(part))
    if (at < 1) continue
    const parent = parts.slice(0, at).join('/')
    parents.set(parent, (parents.get(parent) ?? new Set()).add(parts[at] ?? ''))
  }
  const [first] = [...parents].filter(([, versions]) => versions.size > 1)
  if (first === undefined) return null
  const escaped = first[0].replace(/[^\w/]/g, '\\$&')
  return { releases: `${first[0]}/*`, name: new RegExp(`^(${escaped})/[^/]+(?=/|$)`) }
}

/** Many files of one folder as one pattern. */
function patternsOf(paths: Iterable<string>): readonly string[] {
  const folders = new Map<string, string[]>()
  for (const path of paths) folders.set(dirOf(path), [...(folders.get(dirOf(path)) ?? []), path])
  return [...folders].map(([folder, own]) => {
    const [only] = own
    if (own.length === 1 && only !== undefined) return only
    return folder === '.' ? '*.sql' : `${folder}/*.sql`
  })
}

/** By what is there, else by where the repository is pushed to. */
async function ciOf({ root, rootFiles }: Repository): Promise<Ci> {
  if (rootFiles.some((path) => path.startsWith('.github/'))) return 'github'
  if (rootFiles.includes('.gitlab-ci.yml') || rootFiles.some((path) => path.startsWith('.gitlab/'))) return 'gitlab'
  const remotes = await headOf(join(root, '.git', 'config'))
  if (/^\s*url\s*=.*\bgithub\.com\b/m.test(remotes)) return 'github'
  return /^\s*url\s*=.*\bgitlab\b/m.test(remotes) ? 'gitlab' : 'none'
}

/** The name of a package.json; null where it is no JSON or has none. */
function packageName(text: string): string | null {
  const name =
    /^\s*\{(?:\s*"[\w$-]+"\s*:\s*(?:"[^"]*"|true|false|\d+)\s*,)*\s*"name"\s*:\s*"(?:@[^/"]+\/)?([\w.-]+)"/.exec(text)
  return name?.[1] ?? null
}

async function serviceOf({ folder, files }: Repository): Promise<string | null> {
  const text = files.includes('package.json') ? await headOf(join(folder, 'package.json')) : ''
  const name = packageName(text)
  if (name !== null) return name
  const module = files.includes('go.mod') ? await headOf(join(folder, 'go.mod')) : ''
  return /^module\s+\S*?([\w.-]+)\s*$/m.exec(module)?.[1] ?? null
}

async function programsOf({ folder, files }: Repository): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const [name, mark, tool] of PROGRAMS) {
    const path = files.find((one) => name.test(one) && !NO_CHANGE.test(one))
    if (path !== undefined && mark.test(await headOf(join(folder, path)))) found.add(tool)
  }
  return [...found]
}

/** What is in the repository. */
export async function findIn(repository: Repository): Promise<Found> {
  const { migrations, queries } = await kindsOf(repository)
  const releases = releasesOf([...migrations.keys()])
  const general = (path: string) => (releases === null ? path : path.replace(releases.name, '$1/{release}'))
  const folders = new Map<string, MigrationFolder>()
  for (const [path, { format, files }] of migrations) {
    const key = general(path)
    folders.set(key, { path: key, format, files: files + (folders.get(key)?.files ?? 0) })
  }
  const patterns = [...new Set(patternsOf(queries).map(general))]
  return {
    service: await serviceOf(repository),
    releases: releases?.releases ?? null,
    migrations: [...folders.values()],
    queries: patterns,
    ci: await ciOf(repository),
    notSql: folders.size > 0 ? [] : await programsOf(repository),
  }
}
