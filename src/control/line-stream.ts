const charactersAtOnce = 64 * 1024

/** Lines in larger pieces, made when the client takes them and no longer once it has left. */
export function lineStream(lines: AsyncIterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream(
    {
      async pull(controller) {
        let piece = ''
        while (piece.length < charactersAtOnce) {
          const line = await lines.next()
          if (line.done === true) {
            if (piece !== '') controller.enqueue(encoder.encode(piece))
            controller.close()
            return
          }
          piece += line.value
        }
        controller.enqueue(encoder.encode(piece))
      },
      async cancel() {
        await lines.return?.(undefined)
      },
    },
    { highWaterMark: 1 },
  )
}
