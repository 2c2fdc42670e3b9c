import { flushCompileCache } from 'node:module'
import { afterAll } from 'vitest'

// What this process has compiled is kept for the next one, which reads the same files; it is ended before it would do so by itself.
afterAll(() => flushCompileCache())
