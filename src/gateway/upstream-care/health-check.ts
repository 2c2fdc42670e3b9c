import { isHealthyStatus } from '#domain/upstream/health.ts'
import type { UpstreamEntry } from '#ports/snapshot.ts'
import type { UpstreamExchange, UpstreamRequest } from '../upstream/types.ts'
import type { TargetCare } from './target-care.ts'

/** More than this of a check's answer is not worth keeping its connection. */
const mostAnswerBytes = 64 * 1024

/** Asks a target for its health now and again after every interval, until it is stopped. Does not keep the process alive. */
export function startHealthCheck(target: TargetCare): () => void {
  let timer: NodeJS.Timeout | undefined
  let exchange: UpstreamExchange | undefined
  let isStopped = false

  function ask(): void {
    const check = target.upstream.healthCheck
    if (isStopped || check === null) return
    let isDecided = false
    let answerBytes = 0
    const decide = (isGood: boolean): void => {
      if (isStopped || isDecided) return
      isDecided = true
      timer = setTimeout(ask, check.intervalMs).unref()
      target.observe(isGood)
    }
    // What is left of the last answer must not pile up.
    exchange?.abort()
    const asked = target.pool.send(checkRequest(target, check), {
      onHead: (status) => decide(isHealthyStatus(status)),
      onData: (chunk) => {
        answerBytes += chunk.length
        if (answerBytes > mostAnswerBytes) asked.abort()
        return true
      },
      onEnd: () => {},
      onFailure: () => decide(false),
      onDrain: () => {},
    })
    exchange = asked
  }

  ask()
  return () => {
    isStopped = true
    clearTimeout(timer)
    exchange?.abort()
  }
}

function checkRequest(
  { host, upstream }: TargetCare,
  { path, timeoutMs }: NonNullable<UpstreamEntry['healthCheck']>,
): UpstreamRequest {
  const { authHeader } = upstream
  const credentials = authHeader === null ? '' : `${authHeader[0]}: ${authHeader[1]}\r\n`
  return {
    method: 'GET',
    target: path,
    headers: `Host: ${host}\r\nUser-Agent: apigate-health\r\nAccept: */*\r\n${credentials}`,
    body: 'none',
    timeoutMs,
  }
}
