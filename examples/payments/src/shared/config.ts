/** Settings come from the environment only, are read once, and are refused as a whole when one is wrong. */
import { z } from 'zod'

/** The environment is not usable. The process says so in one line and exits with 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const milliseconds = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback)
const port = z.coerce.number().int().min(0).max(65_535).default(0)

/** What every service needs. PORT 0 takes a free one. */
export const SERVICE_SETTINGS = {
  SERVICE: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be a name such as payment-service'),
  RELEASE: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be a release such as 2.3.0'),
  REPLICA: z.string().default('0'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port,
  /** How long requests under way may go on after SIGTERM, milliseconds. */
  GRACE_MS: milliseconds(3_000, 600_000),
}

/** What a service with a database needs as well. */
export const DATABASE_SETTINGS = {
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must start with postgres://'),
  /** Connections of this one process, at most. */
  POOL_MAX: z.coerce.number().int().min(1).max(1_000).default(10),
  /** How long a request waits for a connection of the pool, milliseconds. */
  CHECKOUT_TIMEOUT_MS: milliseconds(5_000, 600_000),
  /** How long a request waits for the answer to one query, milliseconds; each release has its own default. */
  QUERY_TIMEOUT_MS: z.coerce.number().int().min(1).max(600_000).optional(),
}

export const GATEWAY_SETTINGS = { ...SERVICE_SETTINGS, ADMIN_PORT: port }
/** Of a service that keeps its data in the database and calls nobody: payments, notifications. */
export const STORING_SETTINGS = { ...SERVICE_SETTINGS, ...DATABASE_SETTINGS }
export const ORDER_SETTINGS = {
  ...STORING_SETTINGS,
  /** Where payments are asked for. */
  GATEWAY_URL: z.url({ protocol: /^https?$/ }),
}

export type ServiceConfig = z.infer<z.ZodObject<typeof SERVICE_SETTINGS>>
export type GatewayConfig = z.infer<z.ZodObject<typeof GATEWAY_SETTINGS>>
export type StoringConfig = z.infer<z.ZodObject<typeof STORING_SETTINGS>>
export type OrderConfig = z.infer<z.ZodObject<typeof ORDER_SETTINGS>>

/**
 * Reads settings from an environment.
 * @throws ConfigError naming every wrong setting, never its value: DATABASE_URL holds a password.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<Shape>> {
  const parsed = z.object(shape).safeParse(env)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.')
    return env[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`
  })
  throw new ConfigError(faults.join('; '))
}
