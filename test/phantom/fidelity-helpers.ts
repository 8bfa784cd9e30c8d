/** Phantoms that are closed after the test. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadSqlParser } from '../../src/adapters/sqlparser/parser.ts'
import { embeddedPhantoms } from '../../src/cli/check/phantom-server.ts'
import type { Phantom } from '../../src/core/check/ports.ts'
import type { Snapshot } from '../../src/core/check/snapshot.ts'
import type { ParsedFile } from '../../src/core/check/sql.ts'

/** A migration in one file that runs without a transaction around it. */
export async function migration(text: string): Promise<readonly ParsedFile[]> {
  const parser = await loadSqlParser()
  const { statements, remarks } = parser.parse(text)
  return [
    {
      path: 'migrations/1.sql',
      text,
      format: 'plain',
      version: '1',
      transactional: false,
      statements,
      ignores: [],
      remarks,
    },
  ]
}

/** A folder that is gone after the test. */
export function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'premortem-phantom-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** A phantom that is closed after the test. */
export async function openPhantom(
  snapshot: Snapshot,
  options: { readonly root?: string; readonly files?: readonly ParsedFile[]; readonly signal?: AbortSignal } = {},
): Promise<Phantom> {
  const signal = options.signal ?? new AbortController().signal
  const root = options.root ?? temporaryRoot()
  const phantom = await embeddedPhantoms({ root }).open({ snapshot, files: options.files ?? [] }, signal)
  onTestFinished(() => phantom.close())
  return phantom
}

/** Bytes that a folder really takes on disk: holes take none. */
export function diskBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).blocks * 512, 0)
}

/** Homes of phantoms that are there. */
export const homesIn = (root: string): readonly string[] =>
  readdirSync(join(root, 'postgres')).filter((name) => /^phantom-[0-9a-f]{12}-/.test(name))
