import { describe, expect, it } from 'vitest'
import { minutes } from '../../base/time.ts'
import { allowedMinutes, availabilityPercent, budgetInEvents, budgetInMinutes } from './slo.ts'

const objective = { objectivePercent: 99.5, windowDays: 30 }
const available = (percent: number) => ({ good: percent * 10, total: 1000 })
const used = (percent: number, span: number, days = 30) =>
  budgetInMinutes({
    counted: available(percent),
    span: minutes(span),
    objective: { objectivePercent: 99.5, windowDays: days },
  }).usedPercent

describe('error budget in minutes', () => {
  it('of 99.5 % is 216 minutes over 30 days and 223.2 over 31', () => {
    expect(allowedMinutes(objective) / 60_000).toBeCloseTo(216)
    expect(allowedMinutes({ ...objective, windowDays: 31 }) / 60_000).toBeCloseTo(223.2)
  })

  it('depends on what 98.1 % is taken over: the month, the incident, or the day', () => {
    expect(used(98.1, 30 * 1440)).toBeCloseTo(380)
    expect(used(98.1, 135)).toBeCloseTo(1.19, 2)
    expect(used(98.1, 1440)).toBeCloseTo(12.67, 2)
    expect(used(98.1, 1440, 31)).toBeCloseTo(12.26, 2)
  })

  it('loses 9.4 % to 15 % of the requests failing for 135 minutes', () => {
    expect(used(85, 135)).toBeCloseTo(9.375)
  })

  it('is signed: an overspent budget has less than nothing left', () => {
    const month = budgetInMinutes({ counted: available(98.1), span: minutes(30 * 1440), objective })
    expect(month.remainingMinutes).toBeCloseTo(216 - 820.8)
  })

  it('says nothing about availability without events, and takes nothing', () => {
    const none = budgetInMinutes({ counted: { good: 0, total: 0 }, span: minutes(135), objective })
    expect(none).toMatchObject({ availabilityPercent: null, usedPercent: 0 })
    expect(availabilityPercent({ good: 0, total: 0 })).toBeNull()
  })

  it('refuses impossible objectives and counts', () => {
    const span = minutes(1)
    const impossible = [
      { counted: available(99), span, objective: { objectivePercent: 100, windowDays: 30 } },
      { counted: available(99), span, objective: { objectivePercent: 99, windowDays: 0 } },
      { counted: { good: 2, total: 1 }, span, objective },
    ]
    for (const one of impossible) expect(() => budgetInMinutes(one)).toThrow(RangeError)
  })
})

describe('error budget in events', () => {
  it('counts what may still fail', () => {
    const budget = budgetInEvents({ counted: { good: 97_211 - 1847, total: 97_211 }, objective })
    expect(budget.allowed).toBeCloseTo(486.06, 1)
    expect(budget.remaining).toBeCloseTo(-1360.9, 1)
    expect(budget.usedPercent).toBeCloseTo(380, 0)
  })

  it('has no share when there was no event', () => {
    expect(budgetInEvents({ counted: { good: 0, total: 0 }, objective }).usedPercent).toBeNull()
  })
})
