/** Turns the cumulative counts of `pg_stat_statements` into what was counted since the look before. Pure. */
import type { StatementRow } from './queries.ts'

/** What one statement did since the look before; `query` is not known yet. */
export type StatementIncrease = StatementRow

/** Remembers the counts of one look until the next. */
export class StatementCounts {
  private before: ReadonlyMap<string, StatementRow> | null = null
  private reset: string | null = null

  /**
   * Statements that ran since the look before, the most costly first. The first look only sets the zero. A statement that
   * appears has counted from 0. One whose counts went down, or all when `reset` (the time of the last reset) changed,
   * count from 0 again; so do those that were pushed out of the view and came back.
   */
  increases(rows: readonly StatementRow[], reset: string | null): readonly StatementIncrease[] {
    const { before } = this
    const restarted = reset !== this.reset
    this.before = new Map(rows.map((row) => [row.queryId, row]))
    this.reset = reset
    if (before === null) return []
    return rows
      .map((row) => since(row, restarted ? undefined : before.get(row.queryId)))
      .filter(({ calls }) => calls > 0)
      .sort((a, b) => b.totalMs - a.totalMs)
  }
}

function since(row: StatementRow, previous: StatementRow | undefined): StatementIncrease {
  if (previous === undefined || row.calls < previous.calls || row.totalMs < previous.totalMs) return row
  return {
    queryId: row.queryId,
    calls: row.calls - previous.calls,
    totalMs: row.totalMs - previous.totalMs,
    rows: Math.max(0, row.rows - previous.rows),
  }
}
