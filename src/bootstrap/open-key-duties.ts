import { readCron } from '#adapters/schedule/cron.ts'
import { createRenewKeyHash, type RenewKeyHash } from '#app/access/renew-key-hash.ts'
import { createBackground } from '#app/account/background.ts'
import { createFindSlowHash } from '#app/account/find-slow-hash.ts'
import { createKeyNotices, type KeyNotices } from '#app/account/key-notices.ts'
import { createReportLeaks, type ReportLeaks } from '#app/account/leaked-keys.ts'
import { scheduleSpendAlerts } from '#app/account/spend-alerts.ts'
import { createReadSpending, type ReadSpending } from '#app/account/spending.ts'
import { createNarrowGate } from '#app/identity/narrow-gate.ts'
import { createReadAlertProgress, type ReadAlertProgress } from '#app/usage/alert-progress.ts'
import { scheduleUsageAlerts } from '#app/usage/send-alerts.ts'
import type { House } from './open-house.ts'

/** What is done about keys beside their module: who hears of them, what they cost, and what happens to leaked ones. */
export interface KeyDuties {
  readonly keyNotices: KeyNotices
  readonly reportLeaks: ReportLeaks
  readonly readSpending: ReadSpending
  readonly renewKeyHash: RenewKeyHash
  /** How far the alerts of an organization have come. */
  readonly readAlertProgress: ReadAlertProgress
}

/** Joins the duties, and lets the queue do those that come again. */
export function openKeyDuties({
  engine: { records, invoke, invokeAll },
  jobs: { queue },
  mails: { send: sendMail },
  ...parts
}: Pick<
  House,
  'engine' | 'jobs' | 'mails' | 'usageStore' | 'tokenDigest' | 'keyHash' | 'ids' | 'clock' | 'log'
>): KeyDuties {
  const keyNotices = createKeyNotices({ records, sendMail })
  const readSpending = createReadSpending({ records, ...parts })
  scheduleSpendAlerts({ queue, records, readSpending, sendMail, readRecurrence: readCron })
  const readAlertProgress = createReadAlertProgress({ records, ...parts })
  scheduleUsageAlerts({ queue, records, readProgress: readAlertProgress, sendMail, readRecurrence: readCron })
  const gate = createNarrowGate({ mostAtOnce: 1, mostWaiting: 200 })
  const reportLeaks = createReportLeaks({
    queue,
    records,
    invokeAll,
    notices: keyNotices,
    findSlowHash: createFindSlowHash({ records, ...parts }),
    background: createBackground({ gate, log: parts.log }),
    ...parts,
  })
  const renewKeyHash = createRenewKeyHash({ records, invoke, ...parts })
  return { keyNotices, reportLeaks, readSpending, renewKeyHash, readAlertProgress }
}
