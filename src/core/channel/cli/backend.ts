import type { ListMeta } from '#contract/envelope.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { Action, Module } from '../../schema/module.ts'

/** One page of records. */
export interface RecordPage {
  readonly rows: readonly Row[]
  readonly meta: ListMeta
}

/** Where records live, for the command line: the instance's own files, or a server that is asked over REST. */
export interface Backend {
  /** Takes the query parameters of the REST channel (contracts, section 2). */
  list(module: Module, parameters: URLSearchParams): Promise<Outcome<RecordPage>>
  get(module: Module, id: string): Promise<Outcome<Row>>
  /** Everything that writes. The result is undefined where the record is gone. */
  invoke(
    module: Module,
    action: Action,
    call: { readonly id?: string; readonly input?: Readonly<Record<string, unknown>> },
  ): Promise<Outcome<InvocationResult | undefined>>
}
