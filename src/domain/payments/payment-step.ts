import type { Transitions } from '../transitions.ts'

/**
 * How payments go on. What failed or was given up can still be paid, as customers try again on the same page; what has succeeded, or has
 * come in a way that pays nothing, stays so.
 */
export const paymentTransitions: Transitions = {
  requested: ['processing', 'succeeded', 'failed', 'expired', 'flagged'],
  processing: ['succeeded', 'failed', 'expired', 'flagged'],
  failed: ['processing', 'succeeded', 'expired', 'flagged'],
  expired: ['processing', 'succeeded', 'failed', 'flagged'],
}

/** What we asked a customer to pay, and how far that has come. */
export interface AskedPayment {
  readonly status: string
  readonly amount: number
  readonly currency: string
}

/** What the provider says when it is asked. */
export interface ReportedPayment {
  readonly status: 'processing' | 'succeeded' | 'failed'
  readonly amount: number
  /** Of ISO 4217, in either case. */
  readonly currency: string
}

/** What follows from a report. */
export type PaymentStep =
  | { readonly kind: 'stay' }
  | { readonly kind: 'become'; readonly status: 'processing' | 'failed' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'flag'; readonly flag: 'wrong_amount' | 'wrong_currency' }

/** Goes forward only, and pays nothing with another amount or currency than was asked for. */
export function paymentStep(asked: AskedPayment, reported: ReportedPayment): PaymentStep {
  const { status } = reported
  if (asked.status === status || !(paymentTransitions[asked.status] ?? []).includes(status))
    return { kind: 'stay' }
  if (status !== 'succeeded') return { kind: 'become', status }
  if (reported.currency.toUpperCase() !== asked.currency) return { kind: 'flag', flag: 'wrong_currency' }
  return reported.amount === asked.amount ? { kind: 'settle' } : { kind: 'flag', flag: 'wrong_amount' }
}
