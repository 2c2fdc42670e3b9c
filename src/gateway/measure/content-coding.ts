import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'

/** The content codings that can be read. */
export type Coding = 'identity' | 'gzip' | 'br' | 'deflate' | 'zstd'

/** What may stand in Accept-Encoding when an answer has to be read. */
export const readableCodings = 'gzip, deflate, br, zstd'

const codings: Readonly<Record<string, Coding>> = {
  '': 'identity',
  br: 'br',
  deflate: 'deflate',
  gzip: 'gzip',
  identity: 'identity',
  'x-gzip': 'gzip',
  zstd: 'zstd',
}

/** The coding that a Content-Encoding names; undefined when it is one, or a pile of them, that cannot be read. */
export function codingOf(contentEncoding: string | undefined): Coding | undefined {
  const name = (contentEncoding ?? '').trim().toLowerCase()
  return Object.hasOwn(codings, name) ? codings[name] : undefined
}

/** Who gets decoded bytes. */
export interface DecoderListener {
  /** A piece of the plain body; false stops decoding: nothing follows but onEnd. */
  onData(chunk: Buffer): boolean
  /** Called once. `isIntact` is false when the bytes were not of their coding, came too fast, or decoding was stopped. */
  onEnd(isIntact: boolean): void
}

/** Turns coded bytes into plain ones beside the stream that they belong to, and never holds that stream up. */
export interface Decoder {
  write(chunk: Buffer): void
  /** No more bytes. For identity onEnd comes within this call, else later, unless it has come already. */
  end(): void
}

/** Coded bytes that may wait for the decoder; beyond, decoding is given up rather than memory. */
const mostWaitingBytes = 4 * 1024 * 1024

/** Creates the decoder of one body. */
export function createDecoder(coding: Coding, listener: DecoderListener): Decoder {
  return coding === 'identity' ? plainDecoder(listener) : new CodedDecoder(coding, listener)
}

function plainDecoder(listener: DecoderListener): Decoder {
  let isOver = false
  const finish = (isIntact: boolean): void => {
    isOver = true
    listener.onEnd(isIntact)
  }
  return {
    write(chunk) {
      if (!isOver && !listener.onData(chunk)) finish(false)
    },
    end() {
      if (!isOver) finish(true)
    },
  }
}

// What is cut off is decoded as far as it goes: then the caller decides what it is worth.
const cutZlib = { finishFlush: constants.Z_SYNC_FLUSH }
const createCoded: Readonly<Record<Exclude<Coding, 'identity'>, (first: Buffer) => Transform>> = {
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  // Servers disagree about "deflate": with zlib's header (RFC 9110) or bare.
  deflate: (first) => (((first[0] ?? 8) & 0x0f) === 8 ? createInflate(cutZlib) : createInflateRaw(cutZlib)),
  gzip: () => createGunzip(cutZlib),
  zstd: () => createZstdDecompress({ finishFlush: constants.ZSTD_e_flush }),
}

class CodedDecoder implements Decoder {
  readonly #coding: Exclude<Coding, 'identity'>
  readonly #listener: DecoderListener
  #stream: Transform | undefined
  #isOver = false

  constructor(coding: Exclude<Coding, 'identity'>, listener: DecoderListener) {
    this.#coding = coding
    this.#listener = listener
  }

  write(chunk: Buffer): void {
    if (this.#isOver || chunk.length === 0) return
    this.#stream ??= this.#open(chunk)
    if (this.#stream.writableLength + chunk.length > mostWaitingBytes) this.#finish(false)
    else this.#stream.write(chunk)
  }

  end(): void {
    if (this.#isOver) return
    if (this.#stream === undefined) this.#finish(true)
    else this.#stream.end()
  }

  #open(first: Buffer): Transform {
    const stream = createCoded[this.#coding](first)
    stream.on('data', (chunk: Buffer) => {
      if (!this.#isOver && !this.#listener.onData(chunk)) this.#finish(false)
    })
    stream.on('end', () => this.#finish(true))
    stream.on('error', () => this.#finish(false))
    return stream
  }

  #finish(isIntact: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stream?.destroy()
    this.#listener.onEnd(isIntact)
  }
}

/** Decodes a whole body; undefined when it is not of its coding or larger than `mostBytes`. */
export function decodeWhole(
  body: Buffer,
  coding: Coding,
  mostBytes: number,
  then: (plain: Buffer | undefined) => void,
): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const decoder = createDecoder(coding, {
    onData(chunk) {
      bytes += chunk.length
      chunks.push(chunk)
      return bytes <= mostBytes
    },
    onEnd: (isIntact) => then(isIntact && bytes <= mostBytes ? Buffer.concat(chunks) : undefined),
  })
  decoder.write(body)
  decoder.end()
}
