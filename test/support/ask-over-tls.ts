import { request } from 'node:https'

/** Asks an instance whose certificate is for `localhost`, as `fetch` would. */
export function askOverTls(
  url: string,
  options: {
    readonly ca: Buffer
    readonly method?: string
    readonly headers?: Record<string, string>
    readonly body?: string
  },
): Promise<Response> {
  const { ca, method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, ca, servername: 'localhost' })
    asked.on('error', reject)
    asked.on('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        const text = chunks.length === 0 ? null : Buffer.concat(chunks).toString()
        const fields = Object.entries(answer.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ])
        resolve(new Response(text, { status, headers: fields }))
      })
    })
    asked.end(body)
  })
}
