import { appendFile, writeFile } from 'node:fs/promises'

/** What of the host this provider uses; all of it is ProviderHost in src/ports/capability/provider.ts. */
interface Host {
  readonly config: Readonly<Record<string, unknown>>
  readonly clock: { now(): number }
  readonly ids: { next(prefix: string): string }
}

/** The input is checked by capabilities/text_message.yaml before it comes here. */
interface Message {
  readonly to: string
  readonly text: string
}

const charactersInPart = 160

/** Opens the provider; called again when its configuration changes. */
export function open({ config, clock, ids }: Host) {
  const path = String(config['path'])
  return {
    actions: {
      async send({ to, text }: Message) {
        const id = ids.next('sms')
        const at = new Date(clock.now()).toISOString()
        await appendFile(path, `${JSON.stringify({ id, at, to, text })}\n`)
        return { ok: true, value: { message_id: id, parts: Math.ceil(text.length / charactersInPart) } }
      },
    },
    /** For `providers test` and the health answer: what it throws is shown as "unavailable". */
    async test() {
      await writeFile(path, '', { flag: 'a' })
      return { ok: true, value: undefined }
    },
  }
}
