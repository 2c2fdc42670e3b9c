import { connect, type Socket } from 'node:net'

// Sends requests at a fixed rate over kept-alive connections, whether the answers come or not, and prints how long they took in
// microseconds as JSON. Arguments: port, path, key, requests a second, seconds.

const [, , port, path, key, rate, seconds] = process.argv
const perTick = Number(rate) / 1000
const total = Number(rate) * Number(seconds)
const request = `GET ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${key}\r\n\r\n`

const idle: Socket[] = []
const took: number[] = []
let failed = 0
let sent = 0

function open(): Socket {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
  let seen = ''
  socket.on('data', (chunk: Buffer) => {
    seen += chunk.toString('latin1')
    const head = seen.indexOf('\r\n\r\n')
    if (head === -1) return
    const length = Number(/content-length: (\d+)/i.exec(seen)?.[1] ?? 0)
    if (seen.length < head + 4 + length) return
    if (!seen.startsWith('HTTP/1.1 200')) failed++
    seen = ''
    took.push((performance.now() - Number(socketSentAt.get(socket))) * 1000)
    idle.push(socket)
  })
  socket.on('error', () => failed++)
  return socket
}

const socketSentAt = new Map<Socket, number>()

function send(): void {
  const socket = idle.pop() ?? open()
  sent++
  socketSentAt.set(socket, performance.now())
  socket.write(request, 'latin1')
}

const startedAt = performance.now()
const timer = setInterval(() => {
  const due = Math.min(total, Math.floor((performance.now() - startedAt) * perTick))
  while (sent < due) send()
  if (sent < total) return
  clearInterval(timer)
  setTimeout(finish, 500)
}, 1)

function finish(): void {
  // The first tenth warms up connections and compilers.
  const measured = took.slice(Math.floor(took.length / 10)).sort((a, b) => a - b)
  const at = (share: number): number => measured[Math.floor(measured.length * share)] ?? Number.NaN
  console.log(
    JSON.stringify({
      answered: took.length,
      failed,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      p999: at(0.999),
    }),
  )
  process.exit(0)
}
