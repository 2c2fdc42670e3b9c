/** What went over a WebSocket in one direction. */
export interface FrameCounter {
  /** Takes in the next bytes of the connection, cut anywhere. */
  take(chunk: Uint8Array): void
  /** Text and binary messages that are complete. */
  readonly messages: number
  /** Payload bytes of text and binary messages, those under way included; without frame headers, pings and closes. */
  readonly bytes: number
  /** A close frame has begun. */
  readonly isClosing: boolean
  /** The bytes were not frames (RFC 6455, section 5.2); nothing is counted any more. */
  readonly isBroken: boolean
}

const firstControl = 0x8
const closeCode = 0x8
const longestHeader = 14

/** A counter over frame headers (RFC 6455, section 5.2); payloads are skipped, never kept. */
export function createFrameCounter(): FrameCounter {
  const header = new Uint8Array(longestHeader)
  let headerLength = 0
  let payloadLeft = 0
  let countsPayload = false
  const counter = { messages: 0, bytes: 0, isClosing: false, isBroken: false }

  /** How long the header is that begins with these bytes; at least two have to be there to know. */
  function neededLength(): number {
    if (headerLength < 2) return 2
    const second = header[1] as number
    const short = second & 0x7f
    const extended = short === 127 ? 8 : short === 126 ? 2 : 0
    return 2 + extended + ((second & 0x80) === 0 ? 0 : 4)
  }

  function beginPayload(): void {
    const first = header[0] as number
    const code = first & 0x0f
    const isFinal = (first & 0x80) !== 0
    const isControl = code >= firstControl
    payloadLeft = payloadLength(header)
    headerLength = 0
    const isReserved = (code > 0x2 && code < firstControl) || code > 0xa
    if (isReserved || (isControl && (!isFinal || payloadLeft > 125)) || !Number.isSafeInteger(payloadLeft)) {
      counter.isBroken = true
      return
    }
    countsPayload = !isControl
    if (code === closeCode) counter.isClosing = true
    isMessageEnd = !isControl && isFinal
    if (payloadLeft === 0) endPayload()
  }

  let isMessageEnd = false
  function endPayload(): void {
    if (isMessageEnd) counter.messages++
    isMessageEnd = false
  }

  return {
    take(chunk) {
      let at = 0
      while (at < chunk.length && !counter.isBroken) {
        if (payloadLeft > 0) {
          const taken = Math.min(payloadLeft, chunk.length - at)
          payloadLeft -= taken
          at += taken
          if (countsPayload) counter.bytes += taken
          if (payloadLeft === 0) endPayload()
          continue
        }
        header[headerLength++] = chunk[at++] as number
        if (headerLength >= 2 && headerLength === neededLength()) beginPayload()
      }
    },
    get messages() {
      return counter.messages
    },
    get bytes() {
      return counter.bytes
    },
    get isClosing() {
      return counter.isClosing
    },
    get isBroken() {
      return counter.isBroken
    },
  }
}

function payloadLength(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset)
  const short = (header[1] as number) & 0x7f
  if (short === 127) return Number(view.getBigUint64(2))
  return short === 126 ? view.getUint16(2) : short
}
