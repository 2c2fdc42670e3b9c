import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Everything that this process writes, on all its threads, is for the user alone that runs it.
process.umask(0o077)

const required = 24
const [major = 0] = process.versions.node.split('.').map(Number)

if (major < required) {
  process.stderr.write(
    `error: APIGate needs Node ${required} or newer and this is ${process.versions.node}: start it with \`npm start\`, ` +
      '`npx apigate` or `bin/apigate`, which use the Node that `npm install` brought along\n',
  )
  process.exitCode = 1
} else {
  // Compiled once, read from then on: a third of what a short command costs. Beside the product, where nobody else may write.
  const folder = join(import.meta.dirname, '../../node_modules/.cache/apigate')
  enableCompileCache(folder)
  // A thread is not told of that folder: it looks for one here when it starts.
  process.env['NODE_COMPILE_CACHE'] ??= folder
  const { run } = await import('./run.ts')
  process.exitCode = await run(process.argv.slice(2), process.env)
}
