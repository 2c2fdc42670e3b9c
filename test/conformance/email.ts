import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** An e-mail as it left: what the provider handed over or kept. */
export interface DeliveredEmail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string | undefined
}

/** A provider of e-mail under test, with a look at what came out at its other end. */
export interface EmailSubject {
  readonly capabilities: Capabilities
  delivered(): Promise<readonly DeliveredEmail[]>
}

/** What every provider of `email` guarantees. */
export function emailConformance(provider: string, open: () => Promise<EmailSubject>): void {
  describe(`email by ${provider}`, () => {
    it('hands over recipient, subject, text and HTML as they were given, and answers an id', async () => {
      const { capabilities, delivered } = await open()
      const text = 'Zeilen\nmit Ümläuten 🎈 and "quotes"'
      const sent = await capabilities
        .capability('email')
        .send({ to: 'Ada@Example.com', subject: 'Grüße {{name}} ${api_key}', text, html: '<p>Hi</p>' })
      expect(sent).toMatchObject({ ok: true, value: { message_id: expect.stringMatching(/./) } })
      expect(await delivered()).toEqual([
        { to: 'ada@example.com', subject: 'Grüße {{name}} ${api_key}', text, html: '<p>Hi</p>' },
      ])
    })

    it('sends a text alone without inventing an HTML part', async () => {
      const { capabilities, delivered } = await open()
      await capabilities.capability('email').send({ to: 'a@example.com', subject: 'S', text: 'T' })
      expect(await delivered()).toEqual([{ to: 'a@example.com', subject: 'S', text: 'T', html: undefined }])
    })

    it('refuses what is no e-mail with every field named, and sends nothing', async () => {
      const { capabilities, delivered } = await open()
      const refused = await capabilities
        .capability('email')
        .send({ to: 'nobody', subject: 'S\r\nBcc: all@example.com', text: '' })
      expect(refused).toMatchObject({ ok: false, code: 'validation_error' })
      expect(JSON.stringify(refused)).toMatch(/"field":"to".*"field":"subject".*"field":"text"/)
      expect(await delivered()).toEqual([])
    })

    it('keeps two e-mails apart that are sent at the same time', async () => {
      const { capabilities, delivered } = await open()
      const { send } = capabilities.capability('email')
      const sent = await Promise.all(
        ['a', 'b', 'c'].map((name) => send({ to: `${name}@example.com`, subject: name, text: name })),
      )
      const ids = sent.map((outcome) => (outcome.ok ? outcome.value.message_id : outcome.message))
      expect(new Set(ids).size).toBe(3)
      expect((await delivered()).map(({ to, text }) => [to, text]).sort()).toEqual([
        ['a@example.com', 'a'],
        ['b@example.com', 'b'],
        ['c@example.com', 'c'],
      ])
    })
  })
}
