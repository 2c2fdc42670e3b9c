import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './api.ts'

/** What pages have read; a refusal is final, a server that is away is asked twice more. */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) =>
          failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
      },
    },
  })
