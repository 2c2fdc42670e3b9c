import { expect, test } from 'vitest'
import { nextStep, type Standing } from './next-step.ts'

const standing: Standing = {
  status: 'active',
  periodEndMs: 100,
  trialEndMs: null,
  endsAtMs: null,
  graceEndMs: null,
}

test.each<[Partial<Standing>, ReturnType<typeof nextStep>]>([
  [{}, { kind: 'renew', atMs: 100 }],
  [{ status: 'past_due' }, { kind: 'renew', atMs: 100 }],
  [
    { status: 'past_due', graceEndMs: 70 },
    { kind: 'restrict', atMs: 70 },
  ],
  [
    { status: 'past_due', graceEndMs: 170 },
    { kind: 'renew', atMs: 100 },
  ],
  [{ graceEndMs: 70 }, { kind: 'renew', atMs: 100 }],
  [{ status: 'paused' }, { kind: 'renew', atMs: 100 }],
  [{ trialEndMs: 50 }, { kind: 'renew', atMs: 100 }],
  [
    { status: 'trialing', trialEndMs: 50 },
    { kind: 'end_trial', atMs: 50 },
  ],
  [
    { status: 'trialing', trialEndMs: 100 },
    { kind: 'end_trial', atMs: 100 },
  ],
  [
    { status: 'trialing', trialEndMs: 150 },
    { kind: 'renew', atMs: 100 },
  ],
  [
    { status: 'trialing', trialEndMs: 150, periodEndMs: null },
    { kind: 'end_trial', atMs: 150 },
  ],
  [{ status: 'cancelled' }, { kind: 'end', atMs: 100 }],
  [
    { status: 'cancelled', endsAtMs: 70, trialEndMs: 50 },
    { kind: 'end', atMs: 70 },
  ],
  [{ status: 'ended' }, undefined],
  [{ status: 'incomplete' }, undefined],
  [{ periodEndMs: null }, undefined],
])('a subscription with %j is changed next by %j', (over, step) => {
  expect(nextStep({ ...standing, ...over })).toEqual(step)
})
