import { type ReleaseId, releaseId, type ServiceName, serviceName } from '../../../base/units.ts'

/** `<service>@<release>`, as services tag their connections; PostgreSQL cuts names at 63 bytes. */
const TAGGED = /^([^@\s]+)@([^@\s]+)$/

/** Whose connection it is; both null for any other application. */
export function parseApplication(name: string): { service: ServiceName | null; release: ReleaseId | null } {
  const [, service, release] = TAGGED.exec(name) ?? []
  if (service === undefined || release === undefined) return { service: null, release: null }
  return { service: serviceName(service), release: releaseId(release) }
}
