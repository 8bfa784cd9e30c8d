import { describe, expect, it } from 'vitest'
import { routeOf } from './routes.ts'

describe('a route', () => {
  it.each([
    ['/orders', 'order-service', '/orders'],
    ['/payments/pending?page=2', 'payment-service', '/payments/pending'],
    ['/payments/12345/settlement', 'payment-service', '/payments/:id/settlement'],
    ['/payments/by-key/0c7f', 'payment-service', '/payments/by-key/:key'],
    ['/retry-queue/drain', 'order-service', '/retry-queue/drain'],
  ])('of %s is one for all ids', (url, service, route) => {
    expect(routeOf(url)).toMatchObject({ service, route })
  })

  it.each([
    '/',
    '/paymentsx',
    '/payments/1',
    '//evil.example/orders',
    'http://evil.example/orders',
    '/orders/../metrics',
  ])('does not exist for %s', (url) => {
    expect(routeOf(url)).toBeNull()
  })
})
