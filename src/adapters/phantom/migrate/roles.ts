/** Roles belong to the whole server: the snapshot has none, and copies of the phantom share them. */
import type { Node } from '@pgsql/types'
import pg from 'pg'
import type { ParsedFile } from '../../../core/check/sql.ts'
import type { MigrationSession } from './session.ts'
import { rolesIn } from './tree.ts'

/** More than this are not made; the statement that needs one then fails in PostgreSQL's words. */
const MAX_ROLES = 1000

function madeBy(node: Node | null): string | null {
  return node !== null && 'CreateRoleStmt' in node ? (node.CreateRoleStmt.role ?? null) : null
}

/** Another copy of the phantom may make it in the same moment. */
async function create(session: MigrationSession, name: string): Promise<void> {
  try {
    await session.send(`create role ${pg.escapeIdentifier(name)}`)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !['42710', '23505'].includes(error.code ?? '')) throw error
  }
}

/** Those that a change names are there, as they are in production; those that it makes may be there from another copy. */
export class RolesOfChange {
  private readonly named: readonly string[]
  private there: ReadonlySet<string> = new Set()

  constructor(files: readonly ParsedFile[]) {
    const nodes = files.flatMap(({ statements }) => statements.map(({ node }) => node))
    const made = new Set(nodes.map(madeBy))
    const names = new Set(nodes.flatMap(rolesIn).filter((name) => !made.has(name) && !name.startsWith('pg_')))
    this.named = [...names].slice(0, MAX_ROLES)
  }

  async provide(session: MigrationSession): Promise<void> {
    const rows = await session.rows<{ rolname: string }>('select rolname from pg_roles')
    const there = new Set(rows.map(({ rolname }) => rolname))
    for (const name of this.named) {
      if (there.has(name)) continue
      await create(session, name)
      there.add(name)
    }
    this.there = there
  }

  reasonToSkip(node: Node | null): string | null {
    const made = madeBy(node)
    return made !== null && this.there.has(made)
      ? 'not run here: the role was made for another copy of the phantom'
      : null
  }
}
