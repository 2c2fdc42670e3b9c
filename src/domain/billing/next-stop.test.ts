import { expect, test } from 'vitest'
import { type DueMoments, nextStop } from './next-stop.ts'

const at = (text: string): number => Date.parse(`2026-${text}Z`)

test.each<[string, string, Partial<DueMoments>, string]>([
  ['once a day', '11-01T10:00', {}, '11-02T00:05'],
  ['once a day, from one to the next', '11-02T00:05', {}, '11-03T00:05'],
  ['at the end', '11-30T00:05', {}, '11-30T12:00'],
  [
    'at the minute after a trial ends',
    '11-01T10:00',
    { subscriptions: [at('11-01T11:30:20')] },
    '11-01T11:31',
  ],
  ['at the minute that a period ends', '11-01T10:00', { subscriptions: [at('11-01T12:00')] }, '11-01T12:00'],
  ['when the biller runs next', '11-01T10:00', { biller: [at('11-01T11:00')] }, '11-01T11:05'],
  ['when the biller runs, to the second', '11-01T10:00', { biller: [at('11-01T11:05')] }, '11-01T11:05'],
  ['and not before it runs', '11-01T10:00', { biller: [at('11-01T11:05:00.001')] }, '11-01T12:05'],
  ['at the time of a job', '11-01T10:00', { jobs: [at('11-01T10:00:07')] }, '11-01T10:00:07'],
  ['not again for what was not done', '11-01T10:00', { jobs: [at('11-01T10:00')] }, '11-02T00:05'],
])('time stops %s', (_name, after, due, stop) => {
  const moments = { subscriptions: [], biller: [], jobs: [], ...due }
  expect(nextStop(at(after), at('11-30T12:00'), moments)).toBe(at(stop))
})
