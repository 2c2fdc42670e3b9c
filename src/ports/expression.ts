import type { TokenUsage } from '#domain/metering/token-usage.ts'

/** Header or query names and their values; header names are in lower case, several values joined by a comma. */
export type Values = Readonly<Record<string, string>>

/** What an expression of each kind may name. Absent is allowed for what the program says that it does not use. */
export interface ExpressionContexts {
  readonly metering: {
    readonly status: number
    readonly method: string
    readonly path: string
    readonly request_bytes: number
    readonly response_bytes: number
    /** Messages of a WebSocket, by who sent them; 0 elsewhere. */
    readonly request_messages: number
    readonly response_messages: number
    readonly headers?: Values
    readonly body?: unknown
    readonly usage?: TokenUsage
  }
  readonly request: {
    readonly method: string
    readonly path: string
    readonly query?: Values
    readonly headers?: Values
    readonly body?: unknown
    readonly captures?: Values
    readonly key?: CallerFacts
  }
  readonly response: {
    readonly status: number
    readonly headers?: Values
    readonly body?: unknown
    readonly request: RequestFacts
  }
}

/** Who calls, as expressions see it; empty texts on a public route. */
export interface CallerFacts {
  readonly id: string
  readonly organization_id: string
  readonly plan: string
}

/** The request, as the expressions of its answer see it. */
export interface RequestFacts {
  readonly method: string
  readonly path: string
  readonly query?: Values
  readonly headers?: Values
}

/** Where an expression stands: decides which variables it has. */
export type ExpressionKind = keyof ExpressionContexts

/** What an expression must yield: a number, something that fits into one line of text, or any JSON. */
export type ExpressionYield = 'number' | 'text' | 'json'

/** What a run gave: a value (`number` a finite number, `text` a string, `json` plain JSON), or why it has none. */
export type ExpressionResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

/** A compiled expression: no side effect, never throws, and stops by itself after a bounded amount of work. */
export interface Program<Kind extends ExpressionKind> {
  readonly source: string
  /** Names of the variables it reads; what is not among them need not be in the context. */
  readonly variables: ReadonlySet<string>
  readonly usesBody: boolean
  readonly usesHeaders: boolean
  run(context: ExpressionContexts[Kind]): ExpressionResult
}

/** A program, or the reason, with line and column, why the source is none; the reason completes "<field> ...". */
export type CompiledExpression<Kind extends ExpressionKind> =
  | { readonly ok: true; readonly program: Program<Kind> }
  | { readonly ok: false; readonly reason: string }

/** Checks and compiles expressions; the same source gives the same program. */
export interface ExpressionCompiler {
  compile<Kind extends ExpressionKind>(
    source: string,
    kind: Kind,
    yields: ExpressionYield,
  ): CompiledExpression<Kind>
}
