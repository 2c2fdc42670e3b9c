import { randomBytes } from 'node:crypto'

/** Why a WebSocket is ended by us (RFC 6455, section 7.4.1). */
export const closeCode = {
  goingAway: 1001,
  malformed: 1002,
  policy: 1008,
  tooBig: 1009,
  failed: 1011,
} as const

const closeOpcode = 0x88
const pingOpcode = 0x89
const longestReason = 123

/** A close frame; what clients send is masked, what servers send is not. */
export function closeFrame(code: number, reason: string, isMasked: boolean): Buffer {
  const text = Buffer.from(reason).subarray(0, longestReason)
  const payload = Buffer.alloc(2 + text.length)
  payload.writeUInt16BE(code)
  text.copy(payload, 2)
  return frame(closeOpcode, payload, isMasked)
}

/** A ping without a payload. */
export const pingFrame = (isMasked: boolean): Buffer => frame(pingOpcode, Buffer.alloc(0), isMasked)

function frame(first: number, payload: Buffer, isMasked: boolean): Buffer {
  if (!isMasked) return Buffer.concat([Buffer.of(first, payload.length), payload])
  const mask = randomBytes(4)
  const masked = payload.map((octet, index) => octet ^ (mask[index % 4] as number))
  return Buffer.concat([Buffer.of(first, 0x80 | payload.length), mask, masked])
}
