import { describe, expect, it } from 'vitest'
import type { Finding } from '../finding.ts'
import type { RollbackSafety } from '../result.ts'
import { DEFAULT_POLICY, type GatePolicy } from './policy.ts'
import { verdictOf } from './verdict.ts'

const finding = (rule: string, severity: Finding['severity']): Finding => ({
  rule,
  severity,
  file: '0005.sql',
  line: 18,
  column: 1,
  message: 'm',
  remedy: 'r',
})
const SAFE: RollbackSafety = { verdict: 'safe', target: '2.3.0', broken: [], order: 'any', sequence: [] }
const judge = (
  findings: readonly Finding[],
  more: { policy?: Partial<GatePolicy>; safety?: RollbackSafety; unplanned?: number } = {},
) =>
  verdictOf(
    {
      findings,
      rollbackSafety: more.safety ?? SAFE,
      unplanned: Array.from({ length: more.unplanned ?? 0 }, () => ({
        query: 'q',
        name: null,
        fingerprint: 'f',
        reason: 'r',
      })),
    },
    { ...DEFAULT_POLICY, ...more.policy },
  )

describe('the verdict', () => {
  it('passes without a reason when nothing was found, or notes only', () => {
    expect(judge([])).toEqual({ verdict: 'pass', why: [] })
    expect(judge([finding('int-id', 'note')]).verdict).toBe('pass')
  })

  it('fails on an error, warns on a warning, and says which and where; the decisive ones only', () => {
    expect(judge([finding('a', 'warning')])).toEqual({ verdict: 'warn', why: ['a at 0005.sql:18'] })
    const both = judge([finding('a', 'warning'), finding('b', 'error')])
    expect(both).toEqual({ verdict: 'fail', why: ['b at 0005.sql:18'] })
  })

  it('fails on a regression of a plan, whether it is an error or a warning; not on a note', () => {
    expect(judge([finding('plan-regression', 'warning')]).verdict).toBe('fail')
    expect(judge([finding('plan-regression', 'note')]).verdict).toBe('pass')
  })

  it('follows the policy of a condition, and of a rule over that', () => {
    expect(judge([finding('plan-regression', 'error')], { policy: { 'plan-regression': 'warn' } }).verdict).toBe('warn')
    expect(judge([finding('a', 'error')], { policy: { rules: { a: 'off' } } }).verdict).toBe('pass')
    expect(judge([finding('a', 'note')], { policy: { rules: { a: 'fail' } } }).verdict).toBe('fail')
    const ruled = { rules: { 'plan-regression': 'warn' as const } }
    expect(judge([finding('plan-regression', 'error')], { policy: ruled }).verdict).toBe('warn')
  })

  it('fails when the release before would fail on the new schema, warns when it would be slower', () => {
    const broken = { code: 'old', schema: 'new', kind: 'error', query: 'q', name: null, fingerprint: 'f' } as const
    const unsafe = { ...SAFE, verdict: 'unsafe', broken: [{ ...broken, reason: 'r', blamedOn: null }] } as const
    expect(judge([], { safety: unsafe })).toEqual({
      verdict: 'fail',
      why: ['rollback-unsafe: 1 query of 2.3.0 would fail on the new schema'],
    })
    expect(judge([], { safety: { ...unsafe, verdict: 'regressed' } }).verdict).toBe('warn')
  })

  it('lets be what could not be planned unless the policy says otherwise', () => {
    expect(judge([], { unplanned: 2 }).verdict).toBe('pass')
    expect(judge([], { unplanned: 2, policy: { unplanned: 'fail' } }).why).toEqual([
      'unplanned: 2 queries could not be planned',
    ])
  })
})
