import { describe, expect, it } from 'vitest'
import { ChunkDecoder } from './chunked.ts'

function decode(text: string): { data: string; isDone: boolean; problem: string; taken: number } {
  const decoder = new ChunkDecoder(1024)
  decoder.reset()
  const bytes = Buffer.from(text, 'latin1')
  const taken = decoder.decode(bytes, 0, bytes.length)
  const data = bytes.toString('latin1', decoder.dataStart, decoder.dataEnd)
  return { data, isDone: decoder.isDone, problem: decoder.problem, taken }
}

describe('a chunked body', () => {
  it('comes out in one piece from one buffer, up to its end and no further', () => {
    const body = '3\r\nabc\r\n0000d;x=1\r\ndefghijklmnop\r\n0\r\n\r\n'
    expect(decode(`${body}surplus`)).toEqual({
      data: 'abcdefghijklmnop',
      isDone: true,
      problem: '',
      taken: body.length,
    })
  })

  it.each([
    ['no size', '\r\nabc'],
    ['a sign', '+3\r\nabc\r\n'],
    ['a negative size', '-3\r\nabc\r\n'],
    ['a hexadecimal prefix', '0x3\r\nabc\r\n'],
    ['space before the size', ' 3\r\nabc\r\n'],
    ['space after the size', '3 \r\nabc\r\n'],
    ['an underscore', '1_0\r\n'],
    ['a size beyond 2^53', '10000000000000\r\n'],
    ['a bare line feed after the size', '3\nabc\r\n'],
    ['a bare carriage return after the size', '3\rabc\r\n'],
    ['data longer than the size', '3\r\nabcd\r\n'],
    ['a bare line feed after the data', '3\r\nabc\n0\r\n\r\n'],
    ['a bare carriage return after the data', '3\r\nabc\r0\r\n\r\n'],
    ['a control character in an extension', '3;a\0b\r\nabc\r\n'],
    ['a line feed in an extension', '3;a\nb\r\nabc\r\n'],
    ['extensions without end', `3;${'a'.repeat(17_000)}\r\nabc\r\n`],
    ['a trailer without colon', '0\r\nnonsense\r\n\r\n'],
    ['a folded trailer', '0\r\nX-A: 1\r\n 2\r\n\r\n'],
    ['trailers without end', `0\r\n${'X-A: 1\r\n'.repeat(200)}`],
  ])('with %s is refused', (_, text) => {
    const { problem, isDone } = decode(text)
    expect(problem).not.toBe('')
    expect(isDone).toBe(false)
  })

  it('delivers what came before a fault, so that nothing of it is lost or doubled', () => {
    expect(decode('3\r\nabc\r\nz')).toMatchObject({ data: 'abc', problem: 'a chunk size is malformed' })
  })
})
