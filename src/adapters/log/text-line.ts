const plainWord = /^[\w.:/@%+-]+$/

function shown(value: unknown): string {
  if (typeof value === 'string') return plainWord.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value)
}

/** One JSON log line as people read it: time, level, message, then the fields; a stack follows on its own lines. */
export function textLine(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>
  let stack = ''
  const words: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string') {
      stack += `\n  ${value.stack.replaceAll('\n', '\n  ')}`
      words.push(`${name}=${shown('message' in value ? value.message : name)}`)
    } else words.push(`${name}=${shown(value)}`)
  }
  const head = [String(time), String(level).toUpperCase().padEnd(5), String(message)]
  return `${[...head, ...words].join(' ')}${stack}\n`
}
