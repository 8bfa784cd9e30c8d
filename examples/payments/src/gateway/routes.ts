/** Which service a path belongs to, and the route's name in metrics: one for all ids, so that labels stay few. */

interface Route {
  readonly pattern: RegExp
  readonly service: string
  readonly route: string
}

const ROUTES: readonly Route[] = [
  { pattern: /^\/orders$/, service: 'order-service', route: '/orders' },
  { pattern: /^\/retry-queue$/, service: 'order-service', route: '/retry-queue' },
  { pattern: /^\/retry-queue\/drain$/, service: 'order-service', route: '/retry-queue/drain' },
  { pattern: /^\/payments$/, service: 'payment-service', route: '/payments' },
  { pattern: /^\/payments\/pending$/, service: 'payment-service', route: '/payments/pending' },
  { pattern: /^\/payments\/by-key\/[^/]+$/, service: 'payment-service', route: '/payments/by-key/:key' },
  { pattern: /^\/payments\/[^/]+\/settlement$/, service: 'payment-service', route: '/payments/:id/settlement' },
]

/** The route of a request's URL; null when no service has it. */
export function routeOf(url: string): { readonly service: string; readonly route: string } | null {
  const path = url.split('?', 1)[0] ?? url
  return ROUTES.find((candidate) => candidate.pattern.test(path)) ?? null
}
