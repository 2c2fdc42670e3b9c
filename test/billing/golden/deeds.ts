import { createHands, type Stage } from './hands.ts'
import { moneyDeeds } from './money-deeds.ts'
import { paymentDeeds } from './payment-deeds.ts'
import type { Scenario } from './scenario.ts'
import { subscriptionDeeds } from './subscription-deeds.ts'

/** A story on its way, in an instance. */
export interface Story {
  readonly label: string
  readonly organizationId: string
  readonly subscriptionId: string
  carryOut(deed: string): Promise<void>
  /** After its end nothing is billed any more. */
  leave(): Promise<void>
}

/**
 * Makes a story's hands: each deed is what an operator or customer does over the API or a provider tells of, and usage is what the gateway
 * has metered.
 */
export function beginStory(stage: Stage, scenario: Scenario): Story {
  const hands = createHands(stage, scenario)
  const deeds = [...subscriptionDeeds(hands), ...moneyDeeds(hands), ...paymentDeeds(hands)]
  return {
    label: hands.label,
    get organizationId() {
      return hands.organizationId
    },
    get subscriptionId() {
      return hands.subscriptionId
    },
    async carryOut(text) {
      for (const [pattern, deed] of deeds) {
        const words = text.match(pattern)
        if (words !== null) return void (await deed(words))
      }
      throw new Error(`nobody knows how to do "${text}"`)
    },
    async leave() {
      const path = `/api/subscriptions/${hands.subscriptionId}`
      if ((await hands.ask('GET', path))['status'] !== 'ended')
        await hands.ask('PATCH', path, { status: 'ended' })
    },
  }
}
