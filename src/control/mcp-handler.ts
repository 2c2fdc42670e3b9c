import { refuse } from '#contract/outcome.ts'
import { jsonAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import { createMcp, type McpDependencies, mcpVersions } from '#core/channel/mcp/create-mcp.ts'
import type { ControlHandler } from './route-table.ts'

/** `POST /api/mcp`: one message of the Model Context Protocol, over its Streamable HTTP transport; every answer is complete in itself. */
export function mcpHandler(deps: McpDependencies): ControlHandler {
  const mcp = createMcp(deps)
  return async ({ request, requestId, actor }) => {
    if (!isFromHere(request))
      return refusalAnswer(refuse('forbidden', 'Pages of another address may not call tools'), requestId)
    const version = request.headers.get('mcp-protocol-version')
    if (version !== null && !mcpVersions.includes(version))
      return refusalAnswer(refuse('invalid_request', 'This version of the protocol is not spoken'), requestId)
    const body = await readBody(request)
    if (!body.ok) return refusalAnswer(body, requestId)
    const answer = await mcp.answer(body.value, { actor, requestId })
    return answer === undefined ? new Response(null, { status: 202 }) : jsonAnswer(200, answer)
  }
}

/** A page that had its name led to this machine sends its own origin (DNS rebinding); programs send none. */
function isFromHere(request: Request): boolean {
  const origin = request.headers.get('origin')
  if (origin === null) return true
  return URL.canParse(origin) && new URL(origin).host === (request.headers.get('host') ?? '').toLowerCase()
}
