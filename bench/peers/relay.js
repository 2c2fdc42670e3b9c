// The floor for a server in Node: bytes go through unread.
import { connect, createServer } from 'node:net'

const [, , port, upstreamPort] = process.argv
const relayed = (from, buffer) => ({
  onread: {
    buffer,
    callback(length) {
      from.peer.write(buffer.latin1Slice(0, length), 'latin1')
      return true
    },
  },
})
createServer({ noDelay: true, pauseOnConnect: false }, (client) => {
  const link = {}
  const upstream = connect({
    port: Number(upstreamPort),
    host: '127.0.0.1',
    noDelay: true,
    ...relayed(link, Buffer.allocUnsafeSlow(65_536)),
  })
  link.peer = client
  client.on('data', (chunk) => upstream.write(chunk))
  const end = () => {
    client.destroy()
    upstream.destroy()
  }
  client.on('error', end).on('close', end)
  upstream.on('error', end).on('close', end)
}).listen(Number(port), '127.0.0.1')
