const memoryBytes = 64 * 1024

/** Most memory that is kept to be used again: 8 MiB. */
const mostKept = 128
const kept: PieceMemory[] = []

/** What is shorter is cheaper taken from the memory that Node cuts for several buffers at once. */
const shortBytes = 16 * 1024

const lent = new WeakMap<Buffer, PieceMemory>()
const passedOn = new WeakSet<Buffer>()

/**
 * Memory that large pieces of bodies are in on their way from socket to socket, and that is used again for others. Were it allocated for
 * each, all of it would count as garbage of this thread, and collecting that would cost more than passing the bodies on.
 *
 * Nobody may have a piece any more whose memory is used again. So it comes back only when who reads it off a socket (`close`), who
 * looks at it (`passOn`) and who writes it (`giveBack`) all say so; a piece that one of them keeps is collected as any buffer is.
 */
export class PieceMemory {
  readonly bytes = Buffer.allocUnsafeSlow(memoryBytes)
  private lentOut = 0
  private isClosed = false

  /** 64 KiB that nobody uses, with whatever is in them. */
  static take(): PieceMemory {
    const memory = kept.pop() ?? new PieceMemory()
    memory.isClosed = false
    return memory
  }

  /** Bytes that are lent to the caller, as a piece that may be kept. */
  static copy(bytes: Buffer, start: number, end: number): Buffer {
    const length = end - start
    if (length <= shortBytes || length > memoryBytes) return Buffer.from(bytes.subarray(start, end))
    const memory = PieceMemory.take()
    bytes.copy(memory.bytes, 0, start, end)
    const piece = memory.lend(0, length)
    memory.close()
    return piece
  }

  /** True when pieces are in it: what is read next has to go elsewhere. */
  get isLent(): boolean {
    return this.lentOut > 0
  }

  /** A part of it as a piece of a body, which may be kept. */
  lend(start: number, end: number): Buffer {
    if (end - start <= shortBytes) return PieceMemory.copy(this.bytes, start, end)
    const piece = this.bytes.subarray(start, end)
    this.lentOut++
    lent.set(piece, this)
    return piece
  }

  /** Nothing is read into it any more. */
  close(): void {
    this.isClosed = true
    this.keepIfFree()
  }

  /** Takes a piece back; for `giveBack`. */
  takeBack(piece: Buffer): void {
    lent.delete(piece)
    this.lentOut--
    this.keepIfFree()
  }

  private keepIfFree(): void {
    if (this.isClosed && this.lentOut === 0 && kept.length < mostKept) kept.push(this)
  }
}

/** Says that from now on nobody has this piece, or a part of it, but who writes it next. */
export function passOn(piece: Buffer): void {
  if (piece.length > shortBytes && lent.has(piece)) passedOn.add(piece)
}

/** True for a piece that is to be given back once it is written. */
export const isPassedOn = (piece: Buffer): boolean => passedOn.has(piece)

/** Gives a piece back that was passed on and is written; once. */
export function giveBack(piece: Buffer): void {
  if (passedOn.delete(piece)) lent.get(piece)?.takeBack(piece)
}
