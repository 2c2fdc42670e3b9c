import { onTestFinished } from 'vitest'
import type { DeliveredEmail } from '#test/conformance/email.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** The part of SendGrid's API that e-mails go to, with its checks and its answers. */
export interface SendGridDouble {
  readonly upstream: Upstream
  readonly url: string
  delivered(): readonly DeliveredEmail[]
}

interface Mail {
  readonly personalizations: readonly [{ readonly to: readonly [{ readonly email: string }] }]
  readonly from: { readonly email: string }
  readonly subject: string
  readonly content: readonly { readonly type: string; readonly value: string }[]
}

/** The key that the double takes. */
export const sendGridKey = 'SG.double-key-0123456789'

/** Starts it; it answers as SendGrid documents: 202 with X-Message-Id, 401 and 400 with a list of errors. */
export async function startSendGrid(): Promise<SendGridDouble> {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  const accepted: Mail[] = []
  upstream.answer((_request, response, { method, url, headers, body }) => {
    const answer = (status: number, content: unknown, more: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...more })
      response.end(content === undefined ? '' : JSON.stringify(content))
    }
    if (headers.authorization !== `Bearer ${sendGridKey}`)
      return answer(401, { errors: [{ message: 'The provided authorization grant is invalid' }] })
    if (method === 'GET' && url === '/v3/scopes') return answer(200, { scopes: ['mail.send'] })
    if (method !== 'POST' || url !== '/v3/mail/send')
      return answer(404, { errors: [{ message: 'not found' }] })
    const mail = JSON.parse(body) as Mail
    const types = mail.content.map(({ type }) => type)
    if (!mail.from.email || types[0] !== 'text/plain' || mail.content.some(({ value }) => !value))
      return answer(400, { errors: [{ message: 'content and from are needed', field: 'content' }] })
    accepted.push(mail)
    answer(202, undefined, { 'x-message-id': `msg-${accepted.length}` })
  })
  return {
    upstream,
    url: `${upstream.url}/v3`,
    delivered: () =>
      accepted.map(({ personalizations, subject, content }) => ({
        to: personalizations[0].to[0].email,
        subject,
        text: content[0]?.value ?? '',
        html: content[1]?.value,
      })),
  }
}
