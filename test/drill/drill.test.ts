/**
 * The drill as a person meets it: whole, interrupted, and with its processes killed. One folder serves all tests, so the
 * data is generated once. As `--quick`: with fewer rows the release hardly hurts, and there is no cause to name. The conduct is held here, not the times.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftRunning, processesOf, startCli } from './cli.ts'

const SMALL = ['drill', '--rows', '1000000', '--pace', '250ms']
const WHOLE_DRILL_MS = 300_000

describe('premortem drill', { timeout: WHOLE_DRILL_MS }, () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'premortem-drill-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('interrupted while the data is generated, ends everything and says so', async () => {
    const cli = startCli(folder, SMALL)
    await cli.until('generating')
    cli.child.kill('SIGINT')
    expect(await cli.ended).toBe(130)
    expect(cli.stdout()).toContain('Nothing is left running')
    expect(await leftRunning(folder)).toEqual([])
  })

  it('runs both acts, prints the result as JSON and nothing else, and writes its files', async () => {
    const cli = startCli(folder, [...SMALL, '--json'])
    const code = await cli.ended
    expect([0, 1], cli.stderr()).toContain(code)
    const result = JSON.parse(cli.stdout())
    expect(code).toBe(result.passed ? 0 : 1)
    for (const act of ['unguarded', 'guarded']) {
      expect(result.acts[act]).toMatchObject({ lostPayments: 0, doublePayments: 0 })
      expect(Object.keys(result.acts[act])).toEqual(
        expect.arrayContaining([
          'failedPayments',
          'delayedPayments',
          'secondsToAlert',
          'secondsToCause',
          'secondsToRollbackDecision',
          'secondsToRecovery',
          'peakErrorRatePercent',
          'peakPoolConnections',
        ]),
      )
    }
    expect(result.acts.guarded.cause).toMatchObject({
      release: '2.3.1',
      index: 'idx_payment_transactions_created_at',
      migrationFile: '2.3.1/migrations/0005_payment_review.sql',
    })
    const file = readFileSync(
      new URL('../../examples/payments/releases/2.3.1/migrations/0005_payment_review.sql', import.meta.url),
      'utf8',
    )
    expect(file.split('\n')[result.acts.guarded.cause.migrationLine - 1]).toMatch(/^DROP INDEX/)
    expect(result.acts.guarded.cause.statement).toContain('payment_transactions')
    expect(result.acts.guarded.failedPayments).toBeLessThanOrEqual(result.acts.unguarded.failedPayments)
    for (const path of [
      result.postmortemPath,
      result.guardedPostmortemPath,
      result.reportPath,
      result.ledgerPath,
      result.resultPath,
    ]) {
      expect(existsSync(path), path).toBe(true)
    }
    expect(JSON.parse(readFileSync(result.resultPath, 'utf8'))).toEqual(result)
    expect(readFileSync(result.postmortemPath, 'utf8')).not.toMatch(/\b(undefined|NaN|null|\[object)\b/)
    expect(await leftRunning(folder)).toEqual([])
  })

  it.each([
    { signal: 'SIGINT' as const, phase: 'Act 1: as it happened', code: 130 },
    { signal: 'SIGTERM' as const, phase: 'Traffic set: 100 % to 2.3.1', code: 143 },
    { signal: 'SIGINT' as const, phase: 'The guarded act of', code: 130 },
  ])('stopped by $signal at "$phase" ends with $code and leaves nothing', async ({ signal, phase, code }) => {
    const cli = startCli(folder, SMALL)
    await cli.until(phase)
    cli.child.kill(signal)
    expect(await cli.ended).toBe(code)
    expect(cli.stdout()).toContain('Nothing is left running')
    expect(await leftRunning(folder)).toEqual([])
  })

  it('killed with kill -9, leaves no process, and the next drill starts', async () => {
    const first = startCli(folder, SMALL)
    await first.until('Traffic set: 100 % to 2.3.1')
    expect(processesOf(folder).length).toBeGreaterThan(6)
    first.child.kill('SIGKILL')
    expect(await first.ended).toBe('SIGKILL')
    expect(await leftRunning(folder, 40_000)).toEqual([])
    const second = startCli(folder, SMALL)
    await second.until('Release 2.3.1 requested')
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(130)
    expect(await leftRunning(folder)).toEqual([])
  })

  it.each([
    { victim: /payment-service|releases\/2\.3\.[01]\/main/, named: 'payment-service' },
    { victim: /gateway\/main/, named: 'gateway' },
    { victim: /bin\/postgres .*production/, named: 'PostgreSQL (production)' },
    { victim: /bin\/postgres .*ledger/, named: 'PostgreSQL (ledger)' },
  ])(
    'when $named is killed, stops, says what died and where its log is, and leaves nothing',
    async ({ victim, named }) => {
      const cli = startCli(folder, SMALL)
      await cli.until('Release 2.3.1 requested')
      const found = processesOf(folder).find(({ command }) => victim.test(command))
      expect(
        found,
        processesOf(folder)
          .map((one) => one.command)
          .join('\n'),
      ).toBeDefined()
      if (found) process.kill(found.pid, 'SIGKILL')
      expect(await cli.ended, cli.stderr()).toBe(2)
      expect(cli.stderr()).toContain(named)
      expect(cli.stderr()).toContain('drill-process-died')
      const log = /where: (\S+)/.exec(cli.stderr())?.[1] ?? ''
      expect(existsSync(log), log).toBe(true)
      expect(await leftRunning(folder)).toEqual([])
    },
  )

  it('keeps one cache of data and one folder for each drill', () => {
    expect(readdirSync(join(folder, '.premortem')).sort()).toEqual(['drills', 'postgres'])
  })
})
