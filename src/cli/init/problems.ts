import { Problem } from '../../base/problem.ts'

/** A file that init needs and cannot have. */
export const notWritten = (path: string, wanted: 'read' | 'written', cause: unknown): Problem =>
  new Problem({
    code: 'init-not-written',
    what: `${path} cannot be ${wanted}: ${cause instanceof Error ? cause.message : String(cause)}. Nothing was changed.`,
    where: path,
    remedy: 'Make the folder writable for you, or run premortem init --dry-run and copy what it prints.',
    cause,
  })
