import type { ErrorCode } from '#contract/errors.ts'
import type { Details, Refusal } from '#contract/outcome.ts'
import type { BehaviourContext, Computation } from './behaviour.ts'
import type { Condition, ListQuery, Page, Row } from './records.ts'

/** Reading records of any module by its name. Internal fields are present and secrets are readable: show them to nobody. */
export interface CustomRecords {
  get(module: string, id: string): Promise<Row | undefined>
  getBy(module: string, field: string, value: unknown): Promise<Row | undefined>
  list(module: string, query?: ListQuery): Promise<Page<Row>>
  each(module: string, where?: readonly Condition[]): AsyncIterable<Row>
}

/** What code beside a module's YAML may see and do. There is no way around it to the database. */
export interface CustomContext extends Omit<BehaviourContext, 'records' | 'everywhere'> {
  readonly records: CustomRecords
  readonly everywhere: { readonly records: CustomRecords; readonly invoke: BehaviourContext['invoke'] }
  /** Says no: to be returned, which undoes the action. */
  refuse(code: ErrorCode, message: string, details?: Details): Refusal
}

/** One behaviour: returns nothing to go on, or a refusal. It has ten seconds. */
type CustomBehaviour =
  | ((context: CustomContext) => Promise<Refusal | undefined> | Refusal | undefined)
  | ((context: CustomContext) => Promise<void>)
  | ((context: CustomContext) => void)

/** What a file exports as `behaviours`, by the names that `call:` uses. */
export type CustomBehaviours = Readonly<Record<string, CustomBehaviour>>

/** What a file exports as `computed`, by the names that `computed: { call: ... }` uses. */
export type CustomComputations = Readonly<Record<string, Computation>>
