/** One result, every form in which it is read. */
import type { Finding } from '../finding.ts'
import type { CheckResult } from '../result.ts'
import { githubAnnotations, gitlabCodeQuality } from './annotations.ts'
import { cleaned } from './clean.ts'
import { htmlReport } from './html.ts'
import { jsonReport } from './json.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import type { Paint } from './paint.ts'
import { sarifReport } from './sarif.ts'
import { terminalReport } from './terminal.ts'

/** What some forms need beside the result. */
export interface RenderOptions {
  /** Colours of the terminal; `NO_PAINT` for none. */
  readonly paint: Paint
  /** Columns of the terminal. */
  readonly width: number
  /** See `Page.frame`. Default: none. */
  readonly frame?: (finding: Finding) => readonly string[]
  /**
   * Where the check ran, from the repository's root, such as `examples/payments`: SARIF and annotations name files from
   * there. Default: the root.
   */
  readonly prefix?: string
  /** premortem's own, for SARIF. Default `0.0.0`. */
  readonly version?: string
}

/** Logs of CI have room. */
const LOG_WIDTH = 140

type Renderer = (result: CheckResult, options: RenderOptions) => string

const RENDERERS = {
  terminal: (result, options) => terminalReport(cleaned(result), options),
  markdown: (result) => markdownReport(cleaned(result)),
  json: (result) => jsonReport(result),
  sarif: (result, { prefix = '', version = '0.0.0' }) => sarifReport(cleaned(result), { prefix, version }),
  github: (result, { paint, prefix = '' }) => {
    const harmless = cleaned(result)
    return githubAnnotations(harmless, { prefix, log: terminalReport(harmless, { paint, width: LOG_WIDTH }) })
  },
  gitlab: (result, { prefix = '' }) => gitlabCodeQuality(cleaned(result), prefix),
  junit: (result) => junitReport(cleaned(result)),
  html: (result) => htmlReport(cleaned(result)),
} as const satisfies Readonly<Record<string, Renderer>>

/** What `--format` takes. */
export type ReportFormat = keyof typeof RENDERERS

export const REPORT_FORMATS = Object.keys(RENDERERS) as readonly ReportFormat[]

/** The report in one form, ending with a newline. The same result and options give the same bytes. */
export const renderReport = (result: CheckResult, format: ReportFormat, options: RenderOptions): string =>
  RENDERERS[format](result, options)
