import type { HttpAnswer, HttpCall, HttpClient } from './http-client.ts'
import type { Operation, OperationAnswer, OperationContext } from './operation.ts'

/** An operation that is one HTTP call; an answer of 2xx or 3xx is `ok`, 202 is `delayed`, anything else has failed. */
export const httpOperation =
  (client: HttpClient, call: (context: OperationContext) => Omit<HttpCall, 'signal'>): Operation =>
  async (context) =>
    operationAnswer(await client.call({ ...call(context), signal: context.signal }))

/** What a call comes to, as the generator counts it. */
export function operationAnswer(answer: HttpAnswer): OperationAnswer {
  const servedBy = answer.headers['x-served-by']
  return {
    status: answer.status,
    result: answer.error !== null ? 'failed' : answer.status === 202 ? 'delayed' : 'ok',
    servedBy: typeof servedBy === 'string' ? servedBy : null,
    error: answer.error,
  }
}
