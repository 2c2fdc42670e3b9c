import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { accept, refuse } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { notSet } from './payment-refusals.ts'
import { readValues, type Values, valuesIn } from './service-call.ts'

type HandleWebhook = NonNullable<ProviderActions<'payment'>['handle_webhook']>

/** What to ask the service for after a message, and what we gave along where it alone says so. */
export interface WebhookSubject {
  readonly payment_id?: string
  readonly checkout_id?: string
  readonly dispute_id?: string
  readonly subscription_id?: string
  readonly customer_id?: string
  readonly reference?: string
}

/** A message whose signature holds. */
export interface ReadMessage {
  readonly id: string
  readonly type: string
  /** Our word for it; undefined where nothing follows from it. */
  readonly meaning: string | undefined
  readonly subject: WebhookSubject
  readonly data: Values
}

/** How a service signs and writes its messages. */
export interface WebhookKind {
  /** The setting that its secret stands in. */
  readonly setting: string
  readonly secret: string
  /** The header with the signature, in lower case. */
  readonly header: string
  isSigned(raw: string, signature: string): boolean
  /** Reads a message; undefined where it is none of this service. */
  read(message: Values, raw: string): ReadMessage | undefined
}

/** Takes in messages of a service: what was signed is what counts, and without a secret nothing is. */
export function signedWebhook({ setting, secret, header, isSigned, read }: WebhookKind): {
  readonly handle_webhook: HandleWebhook
} {
  return {
    async handle_webhook({ raw = '', headers }) {
      // Anybody can sign with an empty secret.
      if (secret === '') return notSet(setting)
      const given = valuesIn(headers)[header]
      if (typeof given !== 'string' || !isSigned(raw, given))
        return refuse('invalid_signature', 'The webhook has no signature that matches and is fresh')
      const message = readValues(raw)
      const known = message === undefined ? undefined : read(message, raw)
      if (known === undefined) return refuse('invalid_request', 'The webhook is not what this service sends')
      const { id, type, meaning, subject, data } = known
      return accept({
        event_id: id,
        event_type: meaning ?? type,
        processed: meaning !== undefined,
        ...subject,
        data,
      })
    },
  }
}

/** True where `given` is the HMAC of a text in hexadecimal digits. */
export function isHmac(algorithm: 'sha256' | 'sha512', secret: string, text: string, given: string): boolean {
  const expected = createHmac(algorithm, secret).update(text).digest()
  if (!/^[0-9a-f]+$/.test(given) || given.length !== expected.length * 2) return false
  return timingSafeEqual(Buffer.from(given, 'hex'), expected)
}

const toleranceSeconds = 300

/** True for a time that a message was signed at not long ago, in seconds. */
export const isFresh = (seconds: string, nowMs: number): boolean =>
  /^[0-9]{1,12}$/.test(seconds) && Math.abs(nowMs / 1000 - Number(seconds)) <= toleranceSeconds

/** An id for messages of a service that numbers none: the same bytes are the same message. */
export const idOfBytes = (raw: string): string => createHash('sha256').update(raw).digest('hex')
