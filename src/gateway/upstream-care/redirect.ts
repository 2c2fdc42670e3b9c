import type { UpstreamRequest } from '../upstream/types.ts'

/** What a request was made for. */
interface Address {
  readonly host: string
  readonly basePath: string
}

/** The request as it must be for another target: its base path and its Host exchanged. A Host that was set otherwise stays. */
export function redirected(request: UpstreamRequest, from: Address, to: Address): UpstreamRequest {
  if (from.host === to.host && from.basePath === to.basePath) return request
  const { target, fixedLines } = request
  const headers = fixedLines === undefined ? request.headers : fixedLines.text + request.headers
  const isUnderBase = target.startsWith(from.basePath)
  return {
    ...request,
    fixedLines: undefined,
    target: isUnderBase ? to.basePath + target.slice(from.basePath.length) : target,
    headers: headers.replace(/^host:[ \t]*([^\r\n]*)\r\n/im, (line, host: string) =>
      host === from.host ? `Host: ${to.host}\r\n` : line,
    ),
  }
}
