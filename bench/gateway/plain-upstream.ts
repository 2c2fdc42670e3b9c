import { createServer } from 'node:http'

const body = JSON.stringify({ city: 'Lagos', temperature_c: 31, note: 'x'.repeat(120) })

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}).listen(Number(process.argv[2]), '127.0.0.1')
