import type { Brand } from './brand.ts'

/** A deployed service, by its name: `payment-service`. */
export type ServiceName = Brand<string, 'ServiceName'>
/** A release of a service, by its version: `2.3.1`. */
export type ReleaseId = Brand<string, 'ReleaseId'>
/** 0 to 100 unless said otherwise. */
export type Percent = Brand<number, 'Percent'>

export const serviceName = (value: string): ServiceName => value as ServiceName
export const releaseId = (value: string): ReleaseId => value as ReleaseId
export const percent = (value: number): Percent => value as Percent

/** `part` of `whole` in percent; 0 when `whole` is 0. */
export const share = (of: { part: number; whole: number }): Percent =>
  (of.whole === 0 ? 0 : (of.part / of.whole) * 100) as Percent
