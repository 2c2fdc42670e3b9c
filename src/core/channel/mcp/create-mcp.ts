import { errorBody } from '#contract/envelope.ts'
import { errors } from '#contract/errors.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Log } from '#ports/log.ts'
import type { Engine } from '../../engine.ts'
import type { Authorize } from '../../runtime/runtime.ts'
import type { JsonObject } from '../openapi/json-schema.ts'
import {
  type CapabilityTool,
  capabilityTools,
  describeCapabilityTool,
  type Services,
} from './capability-tools.ts'
import { runTool, type ToolCaller } from './run-tool.ts'
import { describeTool, type Tool, toolsOf } from './tools.ts'

/** The versions of the protocol that are spoken, the newest first. */
export const mcpVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26']

/** The server side of the Model Context Protocol, without its transport and without memory between messages. */
export interface Mcp {
  /** Answers one message; undefined for one that wants no answer. */
  answer(message: Readonly<Record<string, unknown>>, caller: ToolCaller): Promise<JsonObject | undefined>
}

/** What it needs. */
export interface McpDependencies {
  readonly engine: Engine
  readonly authorize: Authorize
  readonly version: string
  readonly log: Pick<Log, 'error'>
  /** The outside services, for those who may call them. */
  readonly services: Services
}

/** A mistake of the client in the protocol itself. */
class ProtocolError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const invalidRequest = -32_600
const methodNotFound = -32_601
const invalidParameters = -32_602
const toolsAtOnce = 50
const instructions =
  'Records of an API gateway that sells access: organizations, plans, routes, upstreams, keys and more. Look at records with list_ and get_ before ' +
  'changing them; a record can be named by its id or by a lookup value such as the name of a plan.'

/** Offers every served action of every module as a tool, to each caller those that the caller may call. */
export function createMcp(deps: McpDependencies): Mcp {
  const tools = toolsOf(deps.engine.modules.values())
  const services = capabilityTools(deps.services)
  const mayCall = ({ module, action }: Tool, { actor }: ToolCaller): boolean =>
    deps.authorize(actor, module, action, undefined) !== false
  const offered = (caller: ToolCaller): readonly Offered[] => [
    ...[...tools.values()].filter((tool) => mayCall(tool, caller)).map((tool) => ({ tool })),
    ...(deps.services.mayCall(caller.actor) ? [...services.values()].map((service) => ({ service })) : []),
  ]
  const methods: Readonly<Record<string, (given: JsonObject, caller: ToolCaller) => Promise<object>>> = {
    initialize: async ({ protocolVersion }) => ({
      protocolVersion: mcpVersions.find((version) => version === protocolVersion) ?? mcpVersions[0],
      capabilities: { tools: {} },
      serverInfo: { name: 'apigate', title: 'APIGate', version: deps.version },
      instructions,
    }),
    ping: async () => ({}),
    'tools/list': async ({ cursor }, caller) => {
      const mine = offered(caller).map(described)
      const start = startOf(mine, cursor)
      const page = mine.slice(start, start + toolsAtOnce)
      const next = mine[start + toolsAtOnce]
      return { tools: page, ...(next === undefined ? {} : { nextCursor: next['name'] }) }
    },
    'tools/call': async ({ name, arguments: given = {} }, caller) => {
      const tool = tools.get(String(name))
      const service = deps.services.mayCall(caller.actor) ? services.get(String(name)) : undefined
      const isOffered = service !== undefined || (tool !== undefined && mayCall(tool, caller))
      if (!isOffered)
        throw new ProtocolError(invalidParameters, `There is no tool ${String(name).slice(0, 80)}`)
      if (typeof given !== 'object' || given === null || Array.isArray(given))
        throw new ProtocolError(invalidParameters, 'arguments must be an object')
      const input = given as JsonObject
      return toolResult(deps, String(name), caller, () =>
        tool === undefined
          ? callService(deps, service, caller, input)
          : runTool(deps.engine, tool, caller, input),
      )
    },
  }

  return {
    async answer(message, caller) {
      const { jsonrpc, id, method, params = {} } = message
      const isAsking = typeof id === 'string' || typeof id === 'number'
      // Notifications, and answers to what was never asked.
      if (jsonrpc === '2.0' && !isAsking && id === undefined && typeof method === 'string') return undefined
      if (jsonrpc === '2.0' && isAsking && method === undefined) return undefined
      try {
        if (jsonrpc !== '2.0' || !isAsking || typeof method !== 'string')
          throw new ProtocolError(invalidRequest, 'The message is no JSON-RPC 2.0 request')
        if (typeof params !== 'object' || params === null || Array.isArray(params))
          throw new ProtocolError(invalidParameters, 'params must be an object')
        const run = Object.hasOwn(methods, method) ? methods[method] : undefined
        if (run === undefined) throw new ProtocolError(methodNotFound, 'There is no such method')
        return { jsonrpc: '2.0', id, result: await run(params as JsonObject, caller) }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        return {
          jsonrpc: '2.0',
          id: isAsking ? id : null,
          error: { code: error.code, message: error.message },
        }
      }
    },
  }
}

type Offered = { readonly tool: Tool } | { readonly service: CapabilityTool }

const described = (offered: Offered): JsonObject =>
  'tool' in offered ? describeTool(offered.tool) : describeCapabilityTool(offered.service)

async function callService(
  { services }: McpDependencies,
  service: CapabilityTool | undefined,
  caller: ToolCaller,
  input: JsonObject,
): Promise<Outcome<object>> {
  if (service === undefined) return refuse('not_found', 'There is no such tool')
  const { capability, action } = service
  const done = await services.call({ ...caller, capability: capability.name, action: action.name, input })
  return done.ok ? accept({ data: done.value }) : done
}

/** The cursor is the name of the first tool of the page. */
function startOf(tools: readonly JsonObject[], cursor: unknown): number {
  if (cursor === undefined) return 0
  const start = tools.findIndex(({ name }) => name === cursor)
  if (start === -1) throw new ProtocolError(invalidParameters, 'The cursor is not one of ours')
  return start
}

/** What a tool answers, a refusal with our error body; what fails is told by its code alone, and logged. */
async function toolResult(
  { log }: McpDependencies,
  name: string,
  caller: ToolCaller,
  run: () => Promise<Outcome<object>>,
): Promise<object> {
  const told = (body: object, isError: boolean): object => ({
    content: [{ type: 'text', text: JSON.stringify(body) }],
    structuredContent: body,
    isError,
  })
  try {
    const outcome = await run()
    return outcome.ok
      ? told({ success: true, ...outcome.value }, false)
      : told(errorBody(outcome, caller.requestId), true)
  } catch (error) {
    log.error({ error, request_id: caller.requestId, tool: name }, 'a tool failed')
    const code = error instanceof Fault ? error.code : 'internal_error'
    return told(errorBody({ code, message: errors[code].title }, caller.requestId), true)
  }
}
