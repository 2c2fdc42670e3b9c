import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** A notification as whoever it is for has got it. */
export interface Delivered {
  readonly event: string
  readonly severity: string
  readonly title: string
  readonly text: string
}

/** A provider under test, and what has arrived through it. */
export interface NotificationUnderTest {
  readonly capabilities: Capabilities
  delivered(): readonly Delivered[]
}

/** What every provider of `notification` promises. */
export function notificationConformance(name: string, open: () => Promise<NotificationUnderTest>): void {
  describe(`the notification provider ${name}`, () => {
    it('delivers event, severity, title and text, whatever is in them', async () => {
      const { capabilities, delivered } = await open()
      const title = 'Disk "full"\n<!channel> *é* ${secret}'
      const sent = {
        event: 'provider.error',
        severity: 'warning',
        title,
        text: 'line 1\nline 2 <a>',
      } as const
      const outcome = await capabilities.capability('notification').notify(sent)
      expect(outcome).toMatchObject({ ok: true, value: { delivered: true } })
      expect(delivered()).toEqual([sent])
    })

    it('takes the title alone, as information', async () => {
      const { capabilities, delivered } = await open()
      expect(
        await capabilities.capability('notification').notify({ event: 'a.b', title: 'T' }),
      ).toMatchObject({
        ok: true,
      })
      expect(delivered()).toEqual([{ event: 'a.b', severity: 'info', title: 'T', text: '' }])
    })

    it('takes the longest title and text', async () => {
      const { capabilities, delivered } = await open()
      const [title, text] = ['t'.repeat(200), 'x'.repeat(3000)]
      await capabilities.capability('notification').notify({ event: 'a.b', title, text })
      expect(delivered()).toMatchObject([{ title, text }])
    })

    it('refuses what is no notification and delivers nothing', async () => {
      const { capabilities, delivered } = await open()
      const notification = capabilities.capability('notification')
      for (const wrong of [
        { event: 'Not an event', title: 'T' },
        { event: 'a', title: '' },
        { event: 'a', title: 'T', text: 'x'.repeat(3001) },
      ])
        expect(await notification.notify(wrong)).toMatchObject({ ok: false, code: 'validation_error' })
      expect(delivered()).toEqual([])
    })
  })
}
