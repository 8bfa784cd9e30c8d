/** One result, every form in which it is read. */
import type { CheckResult } from '../result.ts'
import { cleaned } from './clean.ts'
import { jsonReport } from './json.ts'
import type { Paint } from './paint.ts'
import { terminalReport } from './terminal.ts'

export interface RenderOptions {
  /** Colours of the terminal; `NO_PAINT` for none. */
  readonly paint: Paint
  /** Columns of the terminal. */
  readonly width: number
}

const RENDERERS = {
  terminal: (result: CheckResult, { paint, width }: RenderOptions) => terminalReport(cleaned(result), paint, width),
  json: (result: CheckResult) => jsonReport(result),
} as const

/** What `--format` takes. */
export type ReportFormat = keyof typeof RENDERERS

export const REPORT_FORMATS = Object.keys(RENDERERS) as readonly ReportFormat[]

/** The report in one form, ending with a newline. The same result and options give the same bytes. */
export const renderReport = (result: CheckResult, format: ReportFormat, options: RenderOptions): string =>
  RENDERERS[format](result, options)
