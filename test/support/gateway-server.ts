import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ServerLimits } from '#gateway/downstream/door.ts'
import type { Inbound } from '#gateway/inbound.ts'
import { type ControlHandler, createGatewayServer, type GatewayServer } from '#gateway/server.ts'

/** The listening side alone, with a pipeline of the test's making. */
export interface TestServer {
  readonly door: GatewayServer
  readonly port: number
  /** Status of every request that is over. */
  readonly statuses: number[]
  /** What was logged as an error. */
  readonly errors: object[]
  /** A client connection; ends with the test. */
  connect(): Promise<TestClient>
}

/** A raw client that keeps everything it was sent. */
export interface TestClient {
  readonly socket: Socket
  text(): string
  /** Resolves when what was received so far matches. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with everything when the server has ended the connection. */
  ended(): Promise<string>
}

/** Starts the server on a free port until the test is over. */
export async function startGatewayServer(
  handle: (inbound: Inbound) => void,
  options: { limits?: Partial<ServerLimits>; control?: ControlHandler; claimsRoot?: boolean } = {},
): Promise<TestServer> {
  const statuses: number[] = []
  const errors: object[] = []
  const door = createGatewayServer({
    handle: (inbound) => void handle(inbound),
    control: options.control,
    claims: () => options.claimsRoot ?? true,
    drainUpgraded: async () => {},
    metrics: { gatewayRequest: (status) => statuses.push(status) },
    newRequestId: () => 'req_test',
    log: { error: (fields) => errors.push(fields) },
    limits: {
      maxHeadBytes: 8_192,
      headTimeoutMs: 60_000,
      keepAliveTimeoutMs: 60_000,
      bodySilenceMs: 60_000,
      ...options.limits,
    },
  })
  door.server.listen(0, '127.0.0.1')
  await once(door.server, 'listening')
  onTestFinished(() => door.drain(0))
  const { port } = door.server.address() as AddressInfo
  return { door, port, statuses, errors, connect: () => connectClient(port) }
}

/** Opens a raw client connection to a port; it ends with the test. */
export async function connectClient(port: number): Promise<TestClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  onTestFinished(() => {
    socket.destroy()
  })
  let received = ''
  let isEnded = false
  const waiting = new Set<() => void>()
  const tell = (): void => {
    for (const look of waiting) look()
  }
  socket.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1')
    tell()
  })
  const end = (): void => {
    isEnded = true
    tell()
  }
  socket.on('end', end).on('close', end).on('error', end)
  const when = (isMet: () => boolean, isHopeless: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (isMet()) resolve(received)
        else if (isHopeless()) reject(new Error(`the connection ended with: ${received}`))
        else return
        waiting.delete(look)
      }
      waiting.add(look)
      look()
    })
  return {
    socket,
    text: () => received,
    until: (pattern) =>
      when(
        () => pattern.test(received),
        () => isEnded,
      ),
    ended: () =>
      when(
        () => isEnded,
        () => false,
      ),
  }
}

/** Answers with this text, of known length. */
export function answerText(inbound: Inbound, text: string, status = 200): void {
  const bodyLength = Buffer.byteLength(text)
  inbound.sendHead({ status, reason: '', lines: '', hasDate: false, bodyLength })
  inbound.end(text)
}

/** A pipeline that answers `<method target body>`, after the whole body. */
export function echo(inbound: Inbound): void {
  const { head } = inbound
  const line = `<${inbound.method} ${inbound.target}`
  if (!head.ok) answerText(inbound, `refused: ${head.message}`, 400)
  else if (head.body === 'none' || head.body === 0) answerText(inbound, `${line}>`)
  else {
    const chunks: Buffer[] = []
    inbound.readBody({
      onData: (chunk) => chunks.push(chunk) > 0,
      onEnd: () => answerText(inbound, `${line} ${Buffer.concat(chunks).toString('latin1')}>`),
      onStall: () => answerText(inbound, 'stalled', 408),
    })
  }
}
