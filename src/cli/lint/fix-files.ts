import { randomUUID } from 'node:crypto'
import { chmod, rename, rm, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { parseMigration } from '../../core/check/formats/parse.ts'
import { type FixedFile, fixFile } from '../../core/check/lint/fix.ts'
import { type LintRequest, type LintResult, lint } from '../../core/check/lint/lint.ts'
import type { ParsedFile, SqlParser } from '../../core/check/sql.ts'

/** A file that was looked at for fixes, with its new text read again. */
export interface Fixed extends FixedFile {
  readonly file: ParsedFile
}

/** Fixes file by file; what is fixed in one is known in the next. */
export function fixFiles(request: LintRequest, result: LintResult, parser: SqlParser): readonly Fixed[] {
  const fixable = new Set(result.fixes.map(({ finding }) => finding.file))
  const fixed: Fixed[] = []
  const before: ParsedFile[] = [...(request.earlier ?? [])]
  for (const [at, file] of request.files.entries()) {
    if (!fixable.has(file.path)) {
      before.push(file)
      continue
    }
    const earlier = [...before]
    const later = request.rollout === 'apart' ? [] : request.files.slice(at + 1)
    // What a tool's settings beside the file say of transactions stays as it is.
    const parse = (text: string): ParsedFile => {
      const read = parseMigration({ path: file.path, text, settings: null }, { parser, format: file.format })
      return { ...read, transactional: read.transactional && (file.transactional || file.format !== 'flyway') }
    }
    const one = fixFile({ file, parse, lint: (now) => lint({ ...request, files: [now], earlier, later }) })
    const now = one.after === one.before ? file : parse(one.after)
    fixed.push({ ...one, file: now })
    before.push(now)
  }
  return fixed
}

/** Writes beside the file and renames: nobody ever sees half of it. */
async function writeAtomically(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`
  try {
    const { mode } = await stat(path)
    await writeFile(beside, text, { flag: 'wx' })
    await chmod(beside, mode)
    await rename(beside, path)
  } finally {
    await rm(beside, { force: true })
  }
}

/** @throws Problem `fix-not-written`; files before it in the list are written */
export async function writeFixed(files: readonly FixedFile[], cwd: string): Promise<void> {
  for (const { path, after } of files) {
    try {
      await writeAtomically(resolve(cwd, path), after)
    } catch (cause) {
      throw new Problem({
        code: 'fix-not-written',
        what: `The fixes for ${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
        where: path,
        remedy: 'Make the file and its folder writable, and run the command again; other files keep their fixes.',
        cause,
      })
    }
  }
}
