import type { EventSets } from '#app/billing/read-event-set.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'

/** The set as a file, made as fast as the client takes it. */
export async function eventSetAnswer(
  sets: EventSets,
  invoiceId: string,
  requestId: string,
  within?: string,
): Promise<Response> {
  const set = await sets(invoiceId, within)
  if (!set.ok) return refusalAnswer(set, requestId)
  const { number, hash, text } = set.value
  const pieces = text[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = await pieces.next()
      if (piece.done === true) controller.close()
      else controller.enqueue(encoder.encode(piece.value))
    },
    async cancel() {
      await pieces.return?.()
    },
  })
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${number}-events.csv"`,
    'x-event-set-hash': hash,
  }
  return new Response(body, { headers })
}
