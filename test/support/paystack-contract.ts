import { z } from 'zod'

/** What Paystack's published API says about what it is asked and answers, for the addresses that payments use; written anew from it. */
interface Operation {
  readonly method: 'GET' | 'POST'
  readonly path: RegExp
  /** The fields that exist: a field that is none is a mistake of ours, also where Paystack would pass over it. */
  readonly request: z.ZodType
  readonly answer: z.ZodType
}

const whole = z.int()
const text = z.string()
const currency = z.enum(['GHS', 'KES', 'NGN', 'ZAR', 'USD'])
const metadata = z.union([text, z.looseObject({}), z.null()])
const nothing = z.strictObject({})
const enveloped = (data: z.ZodType) => z.looseObject({ status: z.literal(true), message: text, data })

const customer = z.looseObject({
  customer_code: text,
  email: text,
  authorizations: z.array(z.unknown()),
  subscriptions: z.array(z.unknown()),
})
const transaction = z.looseObject({
  id: whole,
  status: text,
  reference: text,
  amount: whole,
  currency: text,
  paid_at: text.nullable(),
  created_at: text,
  metadata,
  customer: z.looseObject({ customer_code: text }),
})
const refund = z.looseObject({ id: whole, amount: whole, currency: text, status: text, merchant_note: text })
const charge = { email: text, amount: whole, currency: currency.optional(), reference: text.optional() }

const operations: readonly Operation[] = [
  {
    method: 'POST',
    path: /^\/transaction\/initialize$/,
    request: z.strictObject({
      ...charge,
      callback_url: text.optional(),
      metadata: z.looseObject({}).optional(),
    }),
    answer: z.looseObject({ authorization_url: text, access_code: text, reference: text }),
  },
  {
    method: 'POST',
    path: /^\/transaction\/charge_authorization$/,
    request: z.strictObject({ ...charge, authorization_code: text, metadata: text.optional() }),
    answer: z.looseObject({ status: text, reference: text, amount: whole, currency: text }),
  },
  { method: 'GET', path: /^\/transaction\/verify\/[^/]+$/, request: nothing, answer: transaction },
  {
    method: 'GET',
    path: /^\/transaction$/,
    request: z.strictObject({
      per_page: z.stringFormat('number', /^\d+$/).optional(),
      page: z.stringFormat('number', /^\d+$/).optional(),
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
    }),
    answer: z.array(transaction),
  },
  {
    method: 'POST',
    path: /^\/customer$/,
    request: z.strictObject({ email: text, first_name: text.optional(), last_name: text.optional() }),
    answer: customer,
  },
  {
    method: 'POST',
    path: /^\/customer\/authorization\/deactivate$/,
    request: z.strictObject({ authorization_code: text }),
    answer: z.unknown(),
  },
  { method: 'GET', path: /^\/customer\/[^/]+$/, request: nothing, answer: customer },
  {
    method: 'POST',
    path: /^\/plan$/,
    request: z.strictObject({
      name: text,
      amount: whole,
      description: text.optional(),
      currency: text.optional(),
      interval: z.enum(['daily', 'weekly', 'monthly', 'biannually', 'annually']),
    }),
    answer: z.looseObject({ plan_code: text, amount: whole, currency: text, interval: text }),
  },
  {
    method: 'GET',
    path: /^\/plan$/,
    request: z.strictObject({
      perPage: z.stringFormat('number', /^\d+$/).optional(),
      page: z.stringFormat('number', /^\d+$/).optional(),
    }),
    answer: z.array(z.looseObject({ plan_code: text, amount: whole, currency: text, interval: text })),
  },
  {
    method: 'POST',
    path: /^\/subscription$/,
    request: z.strictObject({ customer: text, plan: text, authorization: text.optional() }),
    answer: z.looseObject({
      subscription_code: text,
      email_token: text,
      status: text,
      customer: whole,
      plan: whole,
    }),
  },
  {
    method: 'POST',
    path: /^\/subscription\/disable$/,
    request: z.strictObject({ code: text, token: text }),
    answer: z.unknown(),
  },
  {
    method: 'GET',
    path: /^\/subscription\/[^/]+$/,
    request: nothing,
    answer: z.looseObject({
      subscription_code: text,
      email_token: text,
      status: text,
      customer: z.looseObject({ customer_code: text }),
      plan: z.looseObject({ plan_code: text }),
    }),
  },
  {
    method: 'POST',
    path: /^\/refund$/,
    request: z.strictObject({ transaction: text, amount: whole.optional(), merchant_note: text.optional() }),
    answer: refund.extend({ transaction: z.looseObject({ id: whole, reference: text }) }),
  },
  {
    method: 'GET',
    path: /^\/refund$/,
    request: z.strictObject({
      transaction: text.optional(),
      from: text.optional(),
      to: text.optional(),
      perPage: z.stringFormat('number', /^\d+$/).optional(),
      page: z.stringFormat('number', /^\d+$/).optional(),
    }),
    answer: z.array(refund.extend({ transaction: whole })),
  },
  { method: 'GET', path: /^\/transaction\/\d+$/, request: nothing, answer: transaction },
  {
    method: 'GET',
    path: /^\/dispute$/,
    request: z.strictObject({
      from: text,
      to: text,
      perPage: z.stringFormat('number', /^\d+$/).optional(),
      page: z.stringFormat('number', /^\d+$/).optional(),
    }),
    answer: z.array(z.looseObject({ id: whole, status: text })),
  },
  {
    method: 'GET',
    path: /^\/dispute\/\d+$/,
    request: nothing,
    answer: z.looseObject({
      id: whole,
      refund_amount: whole.nullable(),
      currency: text,
      status: text,
      resolution: text.nullable(),
      category: text.nullable(),
      transaction: z.looseObject({ id: whole, reference: text, amount: whole, currency: text }),
    }),
  },
  { method: 'GET', path: /^\/refund\/\d+$/, request: nothing, answer: refund.extend({ transaction: whole }) },
  {
    method: 'GET',
    path: /^\/balance$/,
    request: nothing,
    answer: z.array(z.looseObject({ currency: text, balance: whole })),
  },
]

const problemsOf = (schema: z.ZodType, value: unknown): readonly string[] => {
  const read = schema.safeParse(value)
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

/** What is wrong with a request: an address that Paystack does not have, a field that it does not know or knows as something else. */
export function paystackRequestProblems(method: string, path: string, asked: unknown): readonly string[] {
  const found = operations.find((one) => one.method === method && one.path.test(path))
  return found === undefined ? [`there is no ${method} ${path}`] : problemsOf(found.request, asked)
}

/** What is wrong with an answer of the double: what it says must be what Paystack would say. */
export function paystackAnswerProblems(method: string, path: string, content: unknown): readonly string[] {
  const found = operations.find((one) => one.method === method && one.path.test(path))
  if (found === undefined) return []
  const isBare = /(?:disable|deactivate)$/.test(path)
  return problemsOf(
    isBare ? z.looseObject({ status: z.literal(true), message: text }) : enveloped(found.answer),
    content,
  )
}
