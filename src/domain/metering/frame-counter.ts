/** What the frames of one direction of a WebSocket must be like. */
export interface FrameRule {
  /** Clients mask every frame, servers none (RFC 6455, section 5.1). */
  readonly isMasked: boolean
  /** The first reserved bit may be set: an extension was agreed on that compresses messages. */
  readonly isCompressible: boolean
  /** Longest message, all its frames together, in bytes on the wire. */
  readonly maxMessageBytes: number
}

/** Why a stream is no WebSocket's: not frames at all, or a message that is too long. */
export type FrameProblem = 'malformed' | 'too_big'

/** What went over a WebSocket in one direction. */
export interface FrameCounter {
  /**
   * Takes in the next bytes of the connection, cut anywhere. Answers how many of them may be passed on: all of them,
   * unless a frame begins among them that breaks the rules.
   */
  take(chunk: Uint8Array): number
  /** Text and binary messages that are complete. */
  readonly messages: number
  /** Payload bytes of text and binary messages, those under way included; without frame headers, pings and closes. */
  readonly bytes: number
  /** A close frame has begun. */
  readonly isClosing: boolean
  /** What may be passed on of everything taken in so far is whole frames: another one may be put behind them. */
  readonly isAtBoundary: boolean
  /** Once set, nothing is counted any more, and nothing may be passed on. */
  readonly problem: FrameProblem | undefined
}

const firstControl = 0x8
const lastControl = 0xa
const lastData = 0x2
const closeCode = 0x8
const longestHeader = 14
const longestControl = 125

/** A counter over frame headers (RFC 6455, section 5.2); payloads are skipped, never kept. */
export function createFrameCounter(rule: FrameRule): FrameCounter {
  const header = new Uint8Array(longestHeader)
  let headerLength = 0
  let payloadLeft = 0
  let countsPayload = false
  let isMessageEnd = false
  let isInMessage = false
  let messageBytes = 0
  const seen = { messages: 0, bytes: 0, isClosing: false }
  let problem: FrameProblem | undefined
  let isAtBoundary = true

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
    const length = payloadLength(header)
    problem = isSound(header, length, rule, isInMessage) ? undefined : 'malformed'
    if (problem !== undefined) return
    headerLength = 0
    payloadLeft = length
    if (code >= firstControl) {
      countsPayload = false
      isMessageEnd = false
      if (code === closeCode) seen.isClosing = true
    } else {
      const isFinal = (first & 0x80) !== 0
      messageBytes = (isInMessage ? messageBytes : 0) + length
      if (messageBytes > rule.maxMessageBytes) problem = 'too_big'
      countsPayload = true
      isMessageEnd = isFinal
      isInMessage = !isFinal
    }
    if (payloadLeft === 0) endPayload()
  }

  function endPayload(): void {
    if (isMessageEnd && problem === undefined) seen.messages++
    isMessageEnd = false
  }

  return {
    take(chunk) {
      let at = 0
      // -1: the frame under way began in bytes that were passed on before.
      let soundUntil = -1
      while (at < chunk.length && problem === undefined) {
        if (payloadLeft > 0) {
          const taken = Math.min(payloadLeft, chunk.length - at)
          payloadLeft -= taken
          at += taken
          if (countsPayload) seen.bytes += taken
          if (payloadLeft === 0) endPayload()
          continue
        }
        if (headerLength === 0) soundUntil = at
        header[headerLength++] = chunk[at++] as number
        if (headerLength >= 2 && headerLength === neededLength()) beginPayload()
      }
      if (problem === undefined) {
        isAtBoundary = headerLength === 0 && payloadLeft === 0
        return chunk.length
      }
      if (chunk.length > 0 && at > 0) isAtBoundary = soundUntil >= 0
      return Math.max(0, soundUntil)
    },
    get messages() {
      return seen.messages
    },
    get bytes() {
      return seen.bytes
    },
    get isClosing() {
      return seen.isClosing
    },
    get isAtBoundary() {
      return isAtBoundary
    },
    get problem() {
      return problem
    },
  }
}

/** RFC 6455, sections 5.2, 5.4 and 5.5: what two readers of the stream could understand differently is refused. */
function isSound(header: Uint8Array, length: number, rule: FrameRule, isInMessage: boolean): boolean {
  const first = header[0] as number
  const second = header[1] as number
  const code = first & 0x0f
  const isFinal = (first & 0x80) !== 0
  const isControl = code >= firstControl
  const isContinuation = code === 0
  if (((second & 0x80) !== 0) !== rule.isMasked) return false
  if (!Number.isSafeInteger(length) || !isShortestLength(second & 0x7f, length)) return false
  if ((code > lastData && !isControl) || code > lastControl) return false
  if (isControl) return isFinal && length <= longestControl && (first & 0x70) === 0
  // Only the first frame of a message says that it is compressed (RFC 7692, section 6).
  const allowedBits = rule.isCompressible && !isContinuation ? 0x40 : 0
  return (first & 0x70 & ~allowedBits) === 0 && isContinuation === isInMessage
}

const isShortestLength = (short: number, length: number): boolean =>
  short === 127 ? length > 0xffff : short === 126 ? length > longestControl : true

function payloadLength(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset)
  const short = (header[1] as number) & 0x7f
  if (short === 127) return Number(view.getBigUint64(2))
  return short === 126 ? view.getUint16(2) : short
}
