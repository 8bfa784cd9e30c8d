/** What init would write, as values: nothing is written here. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHECKLIST } from '../../core/check/gate/checklist.ts'
import { CONFIG_NAME, type Config, parseConfig } from '../config/load.ts'
import type { Ci, Found } from './found.ts'
import type { Repository } from './look.ts'
import { notWritten } from './problems.ts'
import { type CiOptions, githubWorkflow, gitlabJob } from './write-ci.ts'
import { configText } from './write-config.ts'

/** One file. `keep`: it is there and stays; `replace` needs somebody's yes. */
export interface Change {
  /** Absolute. */
  readonly path: string
  readonly kind: 'create' | 'append' | 'replace' | 'keep'
  readonly before: string | null
  readonly after: string
  /** What it is for; a few words. */
  readonly what: string
}

/** What the files are made from. */
export interface Wanted {
  readonly repository: Repository
  readonly found: Found
  readonly ci: Ci
  /** The configuration that is there; null when init writes one. */
  readonly config: Config | null
  readonly version: string
}

const SCHEMA = 'https://premortem.dev/schema/premortem.yaml.json'
const BEGIN = '<!-- premortem checklist: written by premortem init, answered by premortem check -->'
const END = '<!-- /premortem checklist -->'
const GITHUB_TEMPLATE = /^(\.github\/|docs\/)?pull_request_template(\.md|\/[^/]+\.md)$/i
const GITLAB_TEMPLATE = /^\.gitlab\/merge_request_templates\/[^/]+\.md$/i

async function textAt(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    // ENOTDIR: a file where a folder is needed; writing says so.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) return null
    throw notWritten(path, 'read', error)
  }
}

async function whole(path: string, after: string, what: string): Promise<Change> {
  const before = await textAt(path)
  const kind = before === null ? 'create' : before === after ? 'keep' : 'replace'
  return { path, kind, before, after, what }
}

async function configChange({ repository, found, config }: Wanted): Promise<Change> {
  const path = join(repository.folder, CONFIG_NAME)
  const what = 'configuration'
  // It is the team's own file from its first day on: init never changes it.
  if (config !== null) {
    const before = (await textAt(path)) ?? ''
    return { path, kind: 'keep', before, after: before, what }
  }
  const installed = repository.files.includes('package.json')
  const text = configText(found, installed ? './node_modules/premortem/docs/schema/premortem.yaml.json' : SCHEMA)
  // A file that premortem could not read itself must not be written.
  parseConfig(text, CONFIG_NAME)
  return whole(path, text, what)
}

/** Folders as they are watched: `{release}` stands for any. */
const watching = (path: string): string => {
  const any = path.replaceAll('{release}', '*')
  return /[*?]|\.\w+$/.test(any.slice(any.lastIndexOf('/') + 1)) ? any : any === '.' ? '**/*.sql' : `${any}/**`
}

function ciOptions({ repository, found, config, version }: Wanted): CiOptions {
  const migrations = config === null ? found.migrations.map((one) => one.path) : config.migrations
  const queries = config === null ? found.queries : config.queries
  const snapshot = config?.snapshot ?? 'premortem.snapshot.json'
  const watched = migrations.length === 0 ? ['**/*.sql'] : migrations.map(watching)
  return {
    prefix: repository.prefix,
    snapshot,
    watched: [...new Set([...watched, ...queries.map(watching), CONFIG_NAME, snapshot])],
    version,
  }
}

async function ciChanges(wanted: Wanted): Promise<readonly Change[]> {
  const { root } = wanted.repository
  if (wanted.ci === 'none') return []
  const options = ciOptions(wanted)
  if (wanted.ci === 'github')
    return [
      await whole(join(root, '.github/workflows/premortem.yml'), githubWorkflow(options), 'job of GitHub Actions'),
    ]
  const job = await whole(join(root, '.gitlab/premortem.yml'), gitlabJob(options), 'job of GitLab CI')
  const main = join(root, '.gitlab-ci.yml')
  // A file that is there is the team's: what to add is said, not done.
  if ((await textAt(main)) !== null) return [job]
  return [job, await whole(main, 'include:\n  - local: .gitlab/premortem.yml\n', 'pipeline of GitLab CI')]
}

/** The questions between their marks. */
function checklistBlock(): string {
  return [BEGIN, '### Database change', '', ...CHECKLIST.map((item) => `- [ ] ${item}`), END].join('\n')
}

/** The template with the block: put in place of an older one, else behind what is there. */
function withBlock(before: string | null): { readonly kind: Change['kind']; readonly after: string } {
  const block = checklistBlock()
  if (before === null) return { kind: 'create', after: `${block}\n` }
  const [from, to] = [before.indexOf(BEGIN), before.indexOf(END)]
  if (from >= 0 && to > from) {
    const after = before.slice(0, from) + block + before.slice(to + END.length)
    return { kind: after === before ? 'keep' : 'append', after }
  }
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  return { kind: 'append', after: `${before}${gap}${block}\n` }
}

async function templateChange({ repository, ci }: Wanted): Promise<readonly Change[]> {
  if (ci === 'none') return []
  const { root, rootFiles } = repository
  const there = rootFiles.find((path) => (ci === 'github' ? GITHUB_TEMPLATE : GITLAB_TEMPLATE).test(path))
  const usual = ci === 'github' ? '.github/pull_request_template.md' : '.gitlab/merge_request_templates/Default.md'
  const path = join(root, there ?? usual)
  const before = await textAt(path)
  return [{ path, before, what: 'review checklist', ...withBlock(before) }]
}

/** The phantom's files are rebuilt for each check. */
async function ignoreChange({ repository }: Wanted): Promise<readonly Change[]> {
  if (!repository.hasGit) return []
  const path = join(repository.folder, '.gitignore')
  const before = await textAt(path)
  const what = 'what git leaves out'
  if (before?.split(/\r?\n/).some((line) => /^\/?\.premortem\/?$/.test(line.trim())))
    return [{ path, kind: 'keep', before, after: before, what }]
  const gap = before === null || before === '' || before.endsWith('\n') ? '' : '\n'
  return [
    { path, kind: before === null ? 'create' : 'append', before, after: `${before ?? ''}${gap}.premortem/\n`, what },
  ]
}

/** All files, in the order in which they are written. */
export async function changesFor(wanted: Wanted): Promise<readonly Change[]> {
  return [
    await configChange(wanted),
    ...(await ciChanges(wanted)),
    ...(await templateChange(wanted)),
    ...(await ignoreChange(wanted)),
  ]
}
