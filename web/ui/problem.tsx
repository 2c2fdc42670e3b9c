import type { ReactNode } from 'react'
import { ApiError, wordsOf } from '@/data/api.ts'
import { text } from '@/text/en.ts'
import { Button } from './button.tsx'

/** A failure in words, with the id to quote, and another try where that may help. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const requestId = error instanceof ApiError ? error.requestId : undefined
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-danger-soft px-4 py-3"
    >
      <div>
        <p className="text-danger">{wordsOf(error)}</p>
        {requestId !== undefined && (
          <p className="font-mono text-xs text-danger">{text.requestId(requestId)}</p>
        )}
      </div>
      {onRetry !== undefined && (
        <Button size="small" onClick={onRetry}>
          {text.retry}
        </Button>
      )}
    </div>
  )
}

/** What went wrong with several reads: what failed alike is said once, and tried again together. */
export function Problems({
  of: reads,
}: {
  of: readonly { readonly error: unknown; readonly refetch: () => unknown }[]
}) {
  const failed = reads.filter(({ error }) => error !== null)
  return [...new Set(failed.map(({ error }) => wordsOf(error)))].map((words) => {
    const alike = failed.filter(({ error }) => wordsOf(error) === words)
    const again = (): void => {
      for (const { refetch } of alike) void refetch()
    }
    return (
      <div key={words} className="mb-4">
        <Problem error={alike[0]?.error} onRetry={again} />
      </div>
    )
  })
}

/** What was read, under what went wrong with it: where only reading it again failed, what is known stays. */
export function Known({
  of: { data, error, refetch },
  children,
}: {
  of: { readonly data: unknown; readonly error: unknown; readonly refetch: () => unknown }
  children: ReactNode
}) {
  return (
    <>
      {error !== null && (
        <div className="mb-4">
          <Problem error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {(error === null || data !== undefined) && children}
    </>
  )
}
