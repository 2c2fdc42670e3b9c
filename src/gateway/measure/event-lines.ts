import { StringDecoder } from 'node:string_decoder'

/** Reads a stream of documents as it passes, in pieces cut anywhere. */
export interface DocumentReader {
  write(chunk: Buffer): void
  /** Hands out what has begun and not ended. */
  end(): void
}

/** Longest line, and longest event, that is looked at; a longer one is skipped. */
const longestText = 256 * 1024

/** Reads server-sent events (WHATWG HTML, section 9.2.6) and hands out the data of each. */
export function createEventReader(onDocument: (data: string) => void): DocumentReader {
  let data: string | undefined
  let isTooLong = false
  const dispatch = (): void => {
    const complete = data
    const isUsable = complete !== undefined && !isTooLong
    data = undefined
    isTooLong = false
    if (isUsable) onDocument(complete)
  }
  const lines = createLineReader((line) => {
    if (line === undefined) isTooLong = true
    else if (line === '') dispatch()
    else if (line.startsWith('data:') || line === 'data') {
      const value = line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5)
      data = data === undefined ? value : `${data}\n${value}`
      if (data.length > longestText) {
        isTooLong = true
        data = ''
      }
    }
  })
  return {
    write: lines.write,
    end() {
      lines.end()
      dispatch()
    },
  }
}

/** Reads JSON lines: every line is a document. */
export function createJsonLinesReader(onDocument: (text: string) => void): DocumentReader {
  return createLineReader((line) => {
    if (line !== undefined && line !== '') onDocument(line)
  })
}

/** Lines ended by LF, CR or CRLF; undefined for one that was too long. */
function createLineReader(onLine: (line: string | undefined) => void): DocumentReader {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isSkipping = false
  let isAfterReturn = false

  function take(text: string): void {
    let start = isAfterReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') isAfterReturn = false
    let feed = text.indexOf('\n', start)
    let back = text.indexOf('\r', start)
    while (feed !== -1 || back !== -1) {
      const end = feed === -1 || (back !== -1 && back < feed) ? back : feed
      finishLine(text.slice(start, end))
      start = end + 1
      if (end === back) {
        if (start === text.length) isAfterReturn = true
        else if (start === feed) start++
        back = text.indexOf('\r', start)
      }
      if (feed !== -1 && feed < start) feed = text.indexOf('\n', start)
    }
    keep(text.slice(start))
  }

  function finishLine(tail: string): void {
    keep(tail)
    onLine(isSkipping ? undefined : rest)
    rest = ''
    isSkipping = false
  }

  function keep(part: string): void {
    if (isSkipping) return
    rest += part
    if (rest.length <= longestText) return
    rest = ''
    isSkipping = true
  }

  return {
    write: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end())
      if (rest !== '' || isSkipping) finishLine('')
    },
  }
}
