import gateway from 'fast-gateway'

const [, , port, upstreamPort] = process.argv
gateway({
  routes: [{ prefix: '', prefixRewrite: '', target: `http://127.0.0.1:${upstreamPort}` }],
}).start(Number(port), '127.0.0.1')
