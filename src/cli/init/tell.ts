/** What init says. */
import { relative } from 'node:path'
import pc from 'picocolors'
import type { Change } from './changes.ts'
import type { Ci, Found } from './found.ts'
import type { Repository } from './look.ts'

const count = (amount: number, one: string): string => `${amount} ${one}${amount === 1 ? '' : 's'}`

/** What was found, one line each. */
export function foundLines(found: Found, repository: Repository): readonly string[] {
  const { migrations, queries, releases, notSql } = found
  return [
    repository.hasGit
      ? `a git repository${repository.prefix === '' ? '' : `; this is ${repository.prefix}`}`
      : 'no git repository',
    ...(migrations.length === 0 ? ['no migrations in SQL'] : []),
    ...migrations.map((one) => `${count(one.files, 'migration')} in ${one.path} (${one.format})`),
    ...(releases === null ? [] : [`one folder a release: ${releases}`]),
    ...(queries.length === 0 ? ['no files of queries (-- name: …); the workload comes from production'] : []),
    ...queries.map((one) => `queries in ${one}`),
    ...notSql.map(
      (tool) => `${tool}: premortem reads SQL; let it print the SQL of each migration into a folder and name that one`,
    ),
    ...repository.remarks,
  ]
}

const DONE = { create: 'wrote', append: 'added to', replace: 'replaced', keep: 'kept' } as const
const PLANNED = { create: 'would write', append: 'would add to', replace: 'would replace', keep: 'would keep' } as const

/** One line a file. */
export function changeLines(changes: readonly Change[], cwd: string, written: boolean): readonly string[] {
  const words = written ? DONE : PLANNED
  return changes.map(
    (one) =>
      `${words[one.kind]} ${pc.cyan(relative(cwd, one.path))} (${one.what}${one.kind === 'keep' ? ', as it is' : ''})`,
  )
}

/** The new text of each file, or what is added to it. */
export function contentLines(changes: readonly Change[], cwd: string): readonly string[] {
  return changes
    .filter((one) => one.kind !== 'keep')
    .flatMap((one) => {
      const added =
        one.before !== null && one.after.startsWith(one.before) ? one.after.slice(one.before.length) : one.after
      return ['', pc.bold(`--- ${relative(cwd, one.path)}`), ...added.trimEnd().split('\n')]
    })
}

/** What is left to a person. */
export function nextLines(of: {
  readonly ci: Ci
  readonly found: Found
  readonly hasSnapshot: boolean
  readonly gitlabInclude: boolean
}): readonly string[] {
  const steps = [
    ...(of.found.migrations.length === 0 ? ['set "migrations" in premortem.yaml'] : []),
    ...(of.hasSnapshot
      ? []
      : ['premortem snapshot --url postgres://reader@production/app   (schema and statistics, no rows)']),
    ...(of.gitlabInclude ? ['add to .gitlab-ci.yml:  include: [{ local: .gitlab/premortem.yml }]'] : []),
    ...(of.ci === 'none' ? ['premortem init --ci github, or gitlab, for a job that runs with each change'] : []),
    `commit these files${of.hasSnapshot ? '' : ' and premortem.snapshot.json'}, and run premortem check`,
  ]
  return steps.map((step, at) => `${at + 1}. ${step}`)
}
