import type { ErrorCode } from '#contract/errors.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { Details, Outcome, Refusal } from '#contract/outcome.ts'
import type { BehaviourContext, Computation } from './behaviour.ts'
import type { Capabilities } from './capability/capabilities.ts'
import type { Condition, ListQuery, Page, Row } from './records.ts'

/** Reading records of any module by its name. Internal fields are present and secrets are readable: show them to nobody. */
export interface CustomRecords {
  get(module: string, id: string): Promise<Row | undefined>
  getBy(module: string, field: string, value: unknown): Promise<Row | undefined>
  list(module: string, query?: ListQuery): Promise<Page<Row>>
  each(module: string, where?: readonly Condition[]): AsyncIterable<Row>
}

interface CustomHands {
  readonly records: CustomRecords
  readonly everywhere: { readonly records: CustomRecords; readonly invoke: BehaviourContext['invoke'] }
  /** Says no: to be returned, which undoes the action; of a reaction, which gives it up. */
  refuse(code: ErrorCode, message: string, details?: Details): Refusal
}

/** What code beside a module's YAML may see and do. There is no way around it to the database. */
export interface CustomContext extends Omit<BehaviourContext, 'records' | 'everywhere'>, CustomHands {}

/** One behaviour: returns nothing to go on, or a refusal. It has ten seconds. */
type CustomBehaviour =
  | ((context: CustomContext) => Promise<Refusal | undefined> | Refusal | undefined)
  | ((context: CustomContext) => Promise<void>)
  | ((context: CustomContext) => void)

/** What a file exports as `behaviours`, by the names that `call:` uses. */
export type CustomBehaviours = Readonly<Record<string, CustomBehaviour>>

/** What a file exports as `computed`, by the names that `computed: { call: ... }` uses. */
export type CustomComputations = Readonly<Record<string, Computation>>

/**
 * What a reaction may see and do after the commit: read, write (each `invoke` is a transaction of its own, with the system's rights, within
 * the organization of the event), and call outside services.
 */
export interface ReactionContext
  extends Pick<BehaviourContext, 'invoke' | 'clock' | 'ids' | 'log'>,
    CustomHands,
    Capabilities {
  readonly event: DomainEvent
  /** 1 for the first. */
  readonly attempt: number
  /** Aborted when the time is up or the process stops. */
  readonly signal: AbortSignal
}

/**
 * Done for every event of the types in `on` (`ticket.answered`, `ticket.*`), after the commit and at least once, of one record one after
 * the other. What throws, and a refusal with `service_unavailable`, is tried again for hours; any other refusal is not. It has a minute.
 */
export interface CustomReaction {
  readonly on: readonly string[]
  readonly run:
    | ((context: ReactionContext) => Promise<Outcome<unknown> | undefined> | Outcome<unknown> | undefined)
    | ((context: ReactionContext) => Promise<void>)
    | ((context: ReactionContext) => void)
}

/** What a file exports as `reactions`, by names that stay: what is still to be done is kept under them. */
export type CustomReactions = Readonly<Record<string, CustomReaction>>
