/** The texts of CI jobs. */
import { COMMENT_MARKER } from '../../core/check/report/markdown.ts'

/** What a job depends on. */
export interface CiOptions {
  /** From the root of the repository to premortem.yaml; empty at the root. */
  readonly prefix: string
  /** Relative to premortem.yaml. */
  readonly snapshot: string
  /** Patterns, relative to premortem.yaml, whose change starts the job. */
  readonly watched: readonly string[]
  /** premortem's own version: a job does not change because a newer one came out. */
  readonly version: string
}

const within = (prefix: string, path: string): string => (prefix === '' ? path : `${prefix}/${path}`)
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** What is known of a snapshot that may not be there yet. */
const hasSnapshot = ({ prefix, snapshot }: CiOptions): string => `hashFiles(${quoted(within(prefix, snapshot))}) != ''`

function checkSteps(options: CiOptions): string {
  const run = `npx --yes premortem@${options.version}`
  const has = hasSnapshot(options)
  return `      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
      - uses: actions/setup-node@v5
        with:
          node-version: 24
          # What npx needs is not the repository's own.
          package-manager-cache: false
      - name: Lint the migrations (there is no snapshot of production yet)
        if: \${{ !(${has}) }}
        run: ${run} lint
      - name: Check the change at production's size
        if: \${{ ${has} }}
        run: ${run} check --base "$BASE" --format github --report sarif=premortem.sarif --report markdown=premortem.md
      - name: The result as the summary of this run
        if: \${{ !cancelled() && ${has} }}
        run: test ! -f premortem.md || cat premortem.md >> "$GITHUB_STEP_SUMMARY"
`
}

function publishSteps(options: CiOptions): string {
  const { prefix } = options
  const has = hasSnapshot(options)
  const own = 'github.event.pull_request.head.repo.full_name == github.repository'
  return `      - name: Code scanning (needs it to be on in the repository)
        if: \${{ !cancelled() && ${has} && ${own} }}
        continue-on-error: true
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: ${within(prefix, 'premortem.sarif')}
          category: premortem
      # Pull requests from forks may not write comments; they have the summary of the run.
      - name: Comment
        if: \${{ !cancelled() && ${has} && ${own} }}
        uses: actions/github-script@v8
        with:
          script: |
            const { readFileSync } = require('node:fs')
            const body = readFileSync(${JSON.stringify(within(prefix, 'premortem.md'))}, 'utf8')
            const where = { ...context.repo, issue_number: context.issue.number }
            const comments = await github.paginate(github.rest.issues.listComments, { ...where, per_page: 100 })
            const old = comments.find((one) => one.user.type === 'Bot' && one.body.startsWith(${JSON.stringify(COMMENT_MARKER)}))
            if (old) await github.rest.issues.updateComment({ ...context.repo, comment_id: old.id, body })
            else await github.rest.issues.createComment({ ...where, body })
`
}

/** `.github/workflows/premortem.yml` */
export function githubWorkflow(options: CiOptions): string {
  const { prefix, watched } = options
  const paths = watched.map((path) => `      - ${quoted(within(prefix, path))}`).join('\n')
  const folder = prefix === '' ? '' : `    defaults:\n      run:\n        working-directory: ${quoted(prefix)}\n`
  return `# Written by premortem init. Would this change hurt at production's size?
name: premortem
on:
  pull_request:
    paths:
${paths}
permissions:
  contents: read
  pull-requests: write
  security-events: write
concurrency:
  group: premortem-\${{ github.ref }}
  cancel-in-progress: true
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 20
${folder}    env:
      BASE: origin/\${{ github.base_ref }}
    steps:
${checkSteps(options)}${publishSteps(options)}`
}

/** `.gitlab/premortem.yml`, to be included. */
export function gitlabJob({ prefix, snapshot, watched, version }: CiOptions): string {
  const paths = watched.map((path) => `        - ${quoted(within(prefix, path))}`).join('\n')
  const folder = prefix === '' ? '' : `    - cd ${quoted(prefix)}\n`
  const run = `npx --yes premortem@${version}`
  return `# Written by premortem init. Would this change hurt at production's size?
premortem:
  stage: test
  image: node:24
  variables:
    GIT_DEPTH: '0'
    BASE: origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      changes:
${paths}
  script:
${folder}    # Without a snapshot of production there is nothing to plan: the migrations are linted.
    - |
      if [ ! -f ${quoted(snapshot)} ]; then ${run} lint; exit $?; fi
      git fetch origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
      ${run} check --base "$BASE" --report gitlab=gl-code-quality-report.json --report junit=premortem.junit.xml
  artifacts:
    when: always
    paths:
      - ${quoted(within(prefix, 'premortem.junit.xml'))}
    reports:
      codequality: ${quoted(within(prefix, 'gl-code-quality-report.json'))}
      junit: ${quoted(within(prefix, 'premortem.junit.xml'))}
`
}
