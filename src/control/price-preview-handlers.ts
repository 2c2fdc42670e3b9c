import { previewPrice } from '#app/billing/preview-price.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler } from './route-table.ts'

/** `POST /admin/plans/preview {price fields, units}`: what a draft of a price comes to, by its rule. */
export const pricePreviewHandlers: Readonly<Record<string, ControlHandler>> = {
  'POST /admin/plans/preview': async ({ request, requestId }) => {
    const body = await readBody(request)
    const previewed = body.ok ? previewPrice(body.value) : body
    return previewed.ok ? dataAnswer(previewed.value) : refusalAnswer(previewed, requestId)
  },
}
