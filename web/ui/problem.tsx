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
