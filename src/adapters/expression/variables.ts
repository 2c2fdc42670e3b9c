import { tokenUsageFields } from '#domain/metering/token-usage.ts'
import type { ExpressionKind } from '#ports/expression.ts'

/** A CEL type by name, or the fields of a record. */
export type VariableType = string | Readonly<Record<string, string>>

/** The variables of one kind of expression. */
export type VariableTypes = ReadonlyMap<string, VariableType>

const texts = 'map<string, string>'

/** Which variables each kind has (docs/expressions.md); JSON bodies are checked only when they are there. */
export const variablesOf: Readonly<Record<ExpressionKind, VariableTypes>> = {
  metering: new Map<string, VariableType>([
    ['body', 'dyn'],
    ['headers', texts],
    ['method', 'string'],
    ['path', 'string'],
    ['request_bytes', 'int'],
    ['request_messages', 'int'],
    ['response_bytes', 'int'],
    ['response_messages', 'int'],
    ['status', 'int'],
    ['usage', Object.fromEntries(tokenUsageFields.map((field) => [field, 'int']))],
  ]),
  request: new Map<string, VariableType>([
    ['body', 'dyn'],
    ['captures', texts],
    ['headers', texts],
    ['key', { id: 'string', organization_id: 'string', plan: 'string' }],
    ['method', 'string'],
    ['path', 'string'],
    ['query', texts],
  ]),
  response: new Map<string, VariableType>([
    ['body', 'dyn'],
    ['headers', texts],
    ['request', { method: 'string', path: 'string', query: texts, headers: texts }],
    ['status', 'int'],
  ]),
}
