import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** A provider of payments under test. */
export interface PaymentSubject {
  readonly capabilities: Capabilities
  /** An e-mail of a customer whose payments succeed, and of one whose payments fail. */
  readonly emails: { readonly good: string; readonly declined: string }
  /** A price that subscriptions can be made of. */
  price(): Promise<string>
  /** A webhook of the service as it would come in, signed now. */
  webhook(type: string): Promise<{ raw: string; headers: Readonly<Record<string, string>> }>
  /** Lets time pass for signatures. */
  pass(ms: number): void
  /** What the service itself cannot do. */
  readonly cannot?: readonly ('change_subscription' | 'date_signatures' | 'end_subscription_now')[]
  /** Does what it is asked for next, and loses the answer on its way. */
  loseAnswer?(): void
  /** What customers do themselves on the pages of services that take nothing without them. */
  readonly customer?: CustomerOnPages
}

/** A customer who pays and subscribes on pages. */
export interface CustomerOnPages {
  /** Pays on a page; answers what the service calls the payment. Once it is paid, again changes nothing. */
  pay(checkoutId: string): Promise<string>
  subscription(checkoutId: string): Promise<string>
}

/** What every provider of `payment` guarantees. */
export function paymentConformance(provider: string, open: () => Promise<PaymentSubject>): void {
  const opened = async () => {
    const subject = await open()
    const payment = subject.capabilities.capability('payment')
    const customerOf = async (email: string): Promise<string> => {
      const made = await payment.create_customer({ email, name: 'Ada', idempotency_key: `c-${email}` })
      if (!made.ok) throw new Error(made.message)
      return made.value.customer_id
    }
    const page = async (more: object, key: string, email = subject.emails.good) => {
      const urls = { success_url: 'https://a.example/done', cancel_url: 'https://a.example' }
      const customer_id = await customerOf(email)
      return payment.create_checkout({
        customer_id,
        reference: 'INV-1',
        idempotency_key: key,
        ...urls,
        ...more,
      })
    }
    const ask = async (amount: number, key: string) =>
      subject.customer === undefined
        ? payment.create_payment({
            customer_id: await customerOf(subject.emails.good),
            amount,
            currency: 'usd',
            reference: 'INV-1',
            idempotency_key: key,
          })
        : page({ amount, currency: 'usd' }, key)
    const payOnPage = async (customer: CustomerOnPages, amount: number, key: string, email?: string) => {
      const made = await page({ amount, currency: 'usd' }, key, email)
      if (!made.ok) throw new Error(made.message)
      const payment_id = await customer.pay(made.value.checkout_id)
      const found = await payment.get_payment({ payment_id })
      if (!found.ok) throw new Error(found.message)
      return { payment_id, status: found.value.status }
    }
    const subscribe = async (price_id: string, key: string) => {
      if (subject.customer === undefined) {
        const customer_id = await customerOf(subject.emails.good)
        const made = await payment.create_subscription({ customer_id, price_id, idempotency_key: key })
        if (!made.ok) throw new Error(made.message)
        return made.value.subscription_id
      }
      const made = await page({ price_id }, key)
      if (!made.ok) throw new Error(made.message)
      return subject.customer.subscription(made.value.checkout_id)
    }
    const pay = async (amount: number, key: string, email = subject.emails.good) => {
      if (subject.customer !== undefined) return payOnPage(subject.customer, amount, key, email)
      const made = await payment.create_payment({
        customer_id: await customerOf(email),
        amount,
        currency: 'usd',
        reference: 'INV-1',
        idempotency_key: key,
      })
      if (!made.ok) throw new Error(made.message)
      return made.value
    }
    return { ...subject, payment, customerOf, ask, subscribe, pay }
  }

  describe(`payment by ${provider}`, () => {
    it('takes an amount once for one key, however often and at once it is asked', async () => {
      const { payment, pay } = await opened()
      const paid = await Promise.all([pay(1_999, 'k1'), pay(1_999, 'k1'), pay(1_999, 'k1')])
      expect(new Set(paid.map((one) => one.payment_id)).size).toBe(1)
      expect(paid[0]?.status).toBe('succeeded')
      expect((await pay(1_999, 'k2')).payment_id).not.toBe(paid[0]?.payment_id)
      expect(await payment.get_payment({ payment_id: paid[0]?.payment_id ?? '' })).toMatchObject({
        value: { amount: 1_999, amount_refunded: 0, currency: 'usd', status: 'succeeded' },
      })
    })

    it('refuses a key that was used for another amount', async () => {
      const { pay, ask } = await opened()
      await pay(100, 'k1')
      expect(await ask(101, 'k1')).toMatchObject({ ok: false })
    })

    it('says that a declined payment failed, and does not refund it', async () => {
      const { payment, pay, emails } = await opened()
      const failed = await pay(500, 'k', emails.declined)
      expect(failed.status).toBe('failed')
      const refund = { payment_id: failed.payment_id, idempotency_key: 'r' }
      expect(await payment.refund_payment(refund)).toMatchObject({ ok: false })
    })

    it('gives back no more than was paid, in parts, each part once, also when several ask at once', async () => {
      const { payment, pay } = await opened()
      const { payment_id: id } = await pay(1_000, 'k')
      const refund = (amount: number | undefined, key: string) =>
        payment.refund_payment({ payment_id: id, amount, idempotency_key: key })
      expect(await refund(300, 'r1')).toMatchObject({ value: { amount: 300 } })
      expect(await refund(300, 'r1')).toMatchObject({ value: { amount: 300 } })
      const rush = await Promise.all(['a', 'b', 'c', 'd'].map((key) => refund(250, key)))
      expect(rush.filter((one) => one.ok)).toHaveLength(2)
      expect(await refund(undefined, 'rest')).toMatchObject({ value: { amount: 200 } })
      expect(await refund(1, 'more')).toMatchObject({ ok: false })
      expect(await payment.get_payment({ payment_id: id })).toMatchObject({
        value: { amount_refunded: 1_000 },
      })
    })

    it('closes a page that nobody shall pay on any more, where it can, and says of one that is paid that it is', async () => {
      const { payment, customerOf, emails, customer } = await opened()
      const wish = {
        customer_id: await customerOf(emails.good),
        amount: 700,
        currency: 'usd',
        success_url: 'https://a.example/done',
        cancel_url: 'https://a.example',
      }
      const idOf = async (key: string): Promise<string> => {
        const made = await payment.create_checkout({ ...wish, reference: key, idempotency_key: key })
        if (!made.ok) throw new Error(made.message)
        return made.value.checkout_id
      }
      const open = await idOf('open')
      const closed = await payment.expire_checkout({ checkout_id: open })
      if (!closed.ok) {
        expect(closed.details).toMatchObject({ reason: 'not_offered' })
        return
      }
      expect(closed.value.status).toBe('expired')
      expect(await payment.expire_checkout({ checkout_id: open })).toEqual(closed)
      expect(await payment.get_checkout({ checkout_id: open })).toMatchObject({
        value: { status: 'expired' },
      })
      if (customer === undefined) return
      const paid = await idOf('paid')
      await customer.pay(paid)
      expect(await payment.expire_checkout({ checkout_id: paid })).toMatchObject({
        value: { status: 'paid' },
      })
    })

    it('gives back once, and is paid once, also where the answer to it was lost', async () => {
      const { payment, pay, ask, loseAnswer } = await opened()
      const { payment_id: id } = await pay(1_000, 'k')
      const refund = () => payment.refund_payment({ payment_id: id, amount: 300, idempotency_key: 'r1' })
      loseAnswer?.()
      const first = await refund()
      const again = await refund()
      if (first.ok) expect(again).toEqual(first)
      expect(again).toMatchObject({ value: { amount: 300 } })
      expect(await payment.get_payment({ payment_id: id })).toMatchObject({ value: { amount_refunded: 300 } })
      loseAnswer?.()
      await ask(700, 'k2')
      const asked = await ask(700, 'k2')
      expect(asked).toMatchObject({ ok: true })
      expect(await ask(700, 'k2')).toEqual(asked)
    })

    it('says in which currencies amounts can be asked for, and makes a price once for its key', async () => {
      const { payment } = await opened()
      const listed = await payment.get_currencies({})
      if (provider === 'dummy') expect(listed).toMatchObject({ details: { reason: 'not_offered' } })
      else expect(listed).toMatchObject({ value: { currencies: provider === 'lemonsqueezy' ? ['USD'] : [] } })
      // Variants of Lemon Squeezy are made by people.
      if (provider === 'lemonsqueezy') return
      const wish = { name: 'Pro', amount: 5_000, currency: 'usd', idempotency_key: 'plan 1' } as const
      const made = await payment.create_price(wish)
      expect(made).toMatchObject({ ok: true })
      expect(await payment.create_price(wish)).toEqual(made)
      if (provider === 'paystack') return
      const price_id = made.ok ? made.value.price_id : ''
      expect(await payment.set_price({ price_id, active: false })).toMatchObject({ value: { price_id } })
    })

    it('carries a subscription from its start over a change of price to its end', async () => {
      const { payment, customerOf, emails, price, subscribe, cannot = [] } = await opened()
      const customer = await customerOf(emails.good)
      const [one, other] = [await price(), await price()]
      const id = await subscribe(one, 's1')
      expect(await subscribe(one, 's1')).toBe(id)
      expect(await payment.get_subscription({ subscription_id: id })).toMatchObject({
        value: { status: 'active' },
      })
      if (cannot.includes('change_subscription')) {
        expect(await payment.get_subscription({ subscription_id: id })).toMatchObject({
          value: { customer_id: customer, price_id: one, status: 'active' },
        })
        expect(await payment.cancel_subscription({ subscription_id: id })).toMatchObject({
          value: { status: 'cancelled' },
        })
        return
      }
      expect(await payment.change_subscription({ subscription_id: id, price_id: other })).toMatchObject({
        ok: true,
      })
      expect(await payment.get_subscription({ subscription_id: id })).toEqual({
        ok: true,
        value: { subscription_id: id, customer_id: customer, price_id: other, status: 'active' },
      })
      expect(await payment.cancel_subscription({ subscription_id: id })).toMatchObject({
        value: { status: 'cancelled' },
      })
      if (cannot.includes('end_subscription_now')) return
      const end = { subscription_id: id, at_period_end: false }
      expect(await payment.cancel_subscription(end)).toMatchObject({ value: { status: 'ended' } })
      expect(await payment.change_subscription({ subscription_id: id, price_id: one })).toMatchObject({
        ok: false,
      })
    })

    it('lists the payments of a time for reconciliation, with our own reference', async () => {
      const { payment, pay } = await opened()
      const first = await pay(700, 'k1')
      const second = await pay(800, 'k2')
      const all = { from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }
      const listed = await payment.list_payments(all)
      expect(listed).toMatchObject({ ok: true })
      const rows = (listed.ok ? listed.value.payments : []) as { payment_id: string }[]
      expect(rows.toSorted((a, b) => (a.payment_id < b.payment_id ? -1 : 1))).toMatchObject(
        [
          { payment_id: first.payment_id, amount: 700, reference: 'INV-1' },
          { payment_id: second.payment_id, amount: 800, reference: 'INV-1' },
        ].toSorted((a, b) => (a.payment_id < b.payment_id ? -1 : 1)),
      )
      const before = { from: '2000-01-01T00:00:00.000Z', to: '2000-01-02T00:00:00.000Z' }
      expect(await payment.list_payments(before)).toEqual({ ok: true, value: { payments: [] } })
    })

    it('knows nothing of what it did not make', async () => {
      const { payment } = await opened()
      const nobody = 'nobody'
      for (const asked of [
        payment.get_payment({ payment_id: nobody }),
        payment.get_subscription({ subscription_id: nobody }),
        payment.create_payment({ customer_id: nobody, amount: 1, currency: 'usd', idempotency_key: 'k' }),
        payment.create_subscription({ customer_id: nobody, price_id: 'p' }),
      ])
        expect(await asked).toMatchObject({ ok: false, details: { capability: 'payment' } })
    })

    it('believes a webhook only with a signature that is right, whole and fresh', async () => {
      const { payment, webhook, pass, cannot = [] } = await opened()
      const { raw, headers } = await webhook('payment.invoice_paid')
      const payload = JSON.parse(raw) as object
      const handle = (given: string, with_: Readonly<Record<string, string>>) =>
        payment.handle_webhook({ payload, raw: given, headers: with_ })
      expect(await handle(raw, headers)).toMatchObject({
        value: { event_type: 'payment.invoice_paid', processed: true },
      })
      const refused = { ok: false, code: 'invalid_signature' }
      expect(await handle(`${raw} `, headers)).toMatchObject(refused)
      expect(await handle(raw.replace('invoice', 'charge'), headers)).toMatchObject(refused)
      expect(await handle(raw, {})).toMatchObject(refused)
      if (cannot.includes('date_signatures')) return
      pass(24 * 60 * 60_000)
      expect(await handle(raw, headers)).toMatchObject(refused)
    })

    it('lets an event that it does not know pass without doing anything', async () => {
      const { payment, webhook } = await opened()
      const { raw, headers } = await webhook('something.else')
      const outcome = await payment.handle_webhook({ payload: JSON.parse(raw) as object, raw, headers })
      expect(outcome).toMatchObject({ value: { processed: false } })
    })
  })
}
