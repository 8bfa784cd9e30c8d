export interface ProblemDetails {
  /** Stable, kebab-case; its page is `docs/errors/<code>.md`. */
  readonly code: string
  /** What is wrong, with the names and numbers involved. One sentence. */
  readonly what: string
  /** File and line, JSON path, address: where to look. */
  readonly where?: string
  /** What to do now. Short, imperative. */
  readonly remedy: string
  /** True when doing the same again may work. */
  readonly retriable?: boolean
  readonly cause?: unknown
}

/** An error that a person can act on. The CLI prints it and exits with 2; anything else thrown is a bug. */
export class Problem extends Error {
  readonly code: string
  readonly where: string | undefined
  readonly remedy: string
  readonly retriable: boolean

  constructor(details: ProblemDetails) {
    super(details.what, { cause: details.cause })
    this.name = 'Problem'
    this.code = details.code
    this.where = details.where
    this.remedy = details.remedy
    this.retriable = details.retriable ?? false
  }
}
