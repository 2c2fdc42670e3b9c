import { expect, test } from 'vitest'
import { declineCode, isHardDecline } from './decline.ts'

test('a lost, stolen or expired card, and one whose bank wants no more, is never tried again; the rest is', () => {
  for (const code of [
    'lost_card',
    'stolen_card',
    'expired_card',
    'do_not_try_again',
    'authentication_required',
  ])
    expect(isHardDecline(code), code).toBe(true)
  for (const code of [
    'insufficient_funds',
    'generic_decline',
    'do_not_honor',
    'try_again_later',
    'declined',
    null,
  ])
    expect(isHardDecline(code), String(code)).toBe(false)
})

test('the words of a provider become a code', () => {
  expect(['Lost Card, Pick-Up', 'Insufficient Funds', ' Expired card ', '', '!'].map(declineCode)).toEqual([
    'lost_card',
    'insufficient_funds',
    'expired_card',
    'declined',
    'declined',
  ])
})
