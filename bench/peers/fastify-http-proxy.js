import proxy from '@fastify/http-proxy'
import fastify from 'fastify'

const [, , port, upstreamPort] = process.argv
const server = fastify({ logger: false })
server.register(proxy, { upstream: `http://127.0.0.1:${upstreamPort}`, undici: { connections: 256 } })
await server.listen({ port: Number(port), host: '127.0.0.1' })
