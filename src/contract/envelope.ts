import { errors } from './errors.ts'
import type { Refusal } from './outcome.ts'

/** Paging facts of a list answer. `total` is there only when it was asked for. */
export interface ListMeta {
  readonly limit: number
  readonly has_more: boolean
  readonly next_cursor: string | null
  readonly total?: number
}

/** The success body of every answer outside `/v1`. */
export function successBody(data: unknown, extra: { message?: string; meta?: ListMeta } = {}) {
  return { success: true as const, data, ...extra }
}

/** The error body of every answer, with the reference to the row it comes from. */
export function errorBody(refusal: Omit<Refusal, 'ok'>, requestId: string) {
  return {
    success: false as const,
    error: {
      type: refusal.code,
      code: refusal.code.toUpperCase(),
      message: refusal.message,
      ...(refusal.details === undefined ? {} : { details: refusal.details }),
      request_id: requestId,
      docs_url: `/docs/errors#${refusal.code}`,
    },
  }
}

/** The HTTP status of a refusal. */
export const statusOf = (refusal: Pick<Refusal, 'code'>): number => errors[refusal.code].status
