import type { Rows } from '#contract/rows.gen.ts'
import type { FrozenClock } from '#test/support/frozen-clock.ts'
import type { TestHouse } from '#test/support/start-house.ts'
import type { startStripe } from '#test/support/stripe-double.ts'
import type { Fields, Scenario } from './scenario.ts'

/** Where stories are played: one instance with its time, and the provider that it is paid through. */
export interface Stage {
  readonly house: TestHouse
  readonly clock: FrozenClock
  readonly stripe: Awaited<ReturnType<typeof startStripe>>
}

/** What is done in a story where its words match. */
export type Deed = (words: RegExpMatchArray) => Promise<unknown>
/** Deeds, each with the words that call for it. */
export type Deeds = readonly (readonly [RegExp, Deed])[]

/** What all deeds of a story do it with. */
export interface Hands extends Stage {
  readonly scenario: Scenario
  /** Names the story in the instance, and no other one. */
  readonly label: string
  organizationId: string
  subscriptionId: string
  /** The key of the customer, once there is one. */
  key: string
  /** A text that was never answered before. */
  next(): string
  /** Calls the control plane as an operator; throws what it refuses. */
  ask(method: string, path: string, body?: object): Promise<Fields>
  /** Records of the story's customer. */
  list<M extends keyof Rows>(plural: string, query: string): Promise<Rows[M][]>
  /** Does something to the subscription. */
  act(action: string, body?: object): Promise<Fields>
  /** The id of a plan by the name that the story has for it. */
  planId(name: string): Promise<string>
  /** The newest invoice. */
  lastInvoice(): Promise<Rows['invoice']>
}

let stories = 0
let answers = 0

/** The hands of a story that has not begun. */
export function createHands(stage: Stage, scenario: Scenario): Hands {
  const { house } = stage
  stories += 1
  const label = `golden-${stories}`
  const plans = new Map<string, string>()
  const hands: Hands = {
    ...stage,
    scenario,
    label,
    organizationId: '',
    subscriptionId: '',
    key: '',
    next() {
      answers += 1
      return `${label}-${answers}`
    },
    async ask(method, path, body) {
      const answer = await house.api(method, path, body)
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
      return answer.body.data
    },
    async list<M extends keyof Rows>(plural: string, query: string) {
      const path = `/api/${plural}?organization_id=${hands.organizationId}&${query}`
      return (await hands.ask('GET', path)) as unknown as Rows[M][]
    },
    act: (action, body = {}) =>
      hands.ask('POST', `/api/subscriptions/${hands.subscriptionId}/${action}`, body),
    async planId(name) {
      const id = plans.get(name) ?? (await findPlan(hands, name))
      plans.set(name, id)
      return id
    },
    async lastInvoice() {
      const [last] = await hands.list<'invoice'>('invoices', 'sort=-sequence&limit=1')
      if (last === undefined) throw new Error('there is no invoice')
      return last
    },
  }
  return hands
}

async function findPlan({ ask, house, label, scenario }: Hands, name: string): Promise<string> {
  const fields = name === '' ? scenario.plan : scenario.plans?.[name]
  if (typeof fields === 'object') {
    const made = { requests_per_month: -1, ...fields, name: `${label} ${name}` }
    return (await house.create('plans', made)).id
  }
  const [found] = (await ask('GET', `/api/plans?name=${name}`)) as unknown as { id: string }[]
  if (found === undefined) throw new Error(`there is no plan ${name}`)
  return found.id
}
