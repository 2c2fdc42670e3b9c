/** Header lines, each ended by CRLF, as a flat list (name, value, ...). */
export function flatOf(lines: string): string[] {
  const flat: string[] = []
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon !== -1) flat.push(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return flat
}

/** A flat list as header lines, each ended by CRLF. */
export function linesOf(flat: readonly string[]): string {
  let lines = ''
  for (let index = 0; index < flat.length; index += 2) lines += `${flat[index]}: ${flat[index + 1]}\r\n`
  return lines
}

/** The flat list without the headers that these lower-case names name. */
export function withoutHeaders(flat: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string
    if (!names.has(name.toLowerCase())) kept.push(name, flat[index + 1] as string)
  }
  return kept
}
