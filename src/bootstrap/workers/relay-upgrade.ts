import { connect } from 'node:net'
import type { UpgradeHandler } from '#gateway/downstream/node-server.ts'
import type { RelayAddress } from './messages.ts'
import { relayHeader, relayValue } from './relay-header.ts'

/**
 * Passes a connection that leaves HTTP to the main thread, byte for byte in both directions: its head as it came, with who asks in a header
 * of ours in the place of any that came along.
 */
export function createUpgradeRelay(address: RelayAddress): UpgradeHandler {
  return (request, socket, head) => {
    const lines = [`${request.method} ${request.url} HTTP/1.1`]
    const { rawHeaders } = request
    for (let index = 0; index < rawHeaders.length; index += 2)
      if (rawHeaders[index]?.toLowerCase() !== relayHeader)
        lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
    lines.push(`${relayHeader}: ${relayValue(address.secret, request)}`)
    const main = connect(address.path)
    main.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
    main.write(head)
    socket.pipe(main).pipe(socket)
    for (const [one, other] of [
      [main, socket],
      [socket, main],
    ] as const) {
      one.on('error', () => one.destroy())
      one.on('close', () => other.destroy())
    }
  }
}
