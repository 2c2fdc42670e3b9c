import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Every file of tests is a process, and most of what it loads the one before has loaded too.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/apigate')

// Node runs TypeScript by itself: what is tested is what runs, and nothing is made of it first.
const experimental = { viteModuleRunner: false, nodeLoader: false }
// Nothing is told by these but that something will never come: no test may count on how quickly it does.
const slow = {
  experimental,
  setupFiles: ['test/support/compile-cache.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000 } },
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/postgres/global-setup.ts'],
    // Most of a test's time goes by in processes that it has started: leaving a processor idle, as is usual, doubles the time.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'web/**/*.test.ts', 'test/house.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          // They share nothing that one could leave behind for another, and loading it all anew for each is most of their time.
          isolate: false,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/house.test.ts', 'test/pages/first-paint.test.ts'],
          ...slow,
        },
      },
      {
        // Signing up and in, cookies and tokens, and the attacks on them, once more over HTTPS that a proxy ends; and the way from an
        // empty database or a sign-up to the first call, to a payment and to the feed of requests, in a browser, over HTTPS of our own.
        test: {
          name: 'https',
          include: [
            'test/accounts/{attacks,doors,impersonation,invitations,keys,mailed-links,operator-doors,organizations,own-account,own-audit,sign-up,team}.test.ts',
            'test/pages/{first-run,portal}.test.ts',
          ],
          env: { APIGATE_TEST_TRANSPORT: 'https' },
          ...slow,
        },
      },
      {
        // What must hold on every database, once more on PostgreSQL.
        test: {
          name: 'postgres',
          include: [
            'src/adapters/sql/{usage-*,ledger-*}.test.ts',
            'src/core/runtime/*.test.ts',
            'test/accounts/{invitations,keys,organizations,sign-up}.test.ts',
            'test/reactions/*.test.ts',
            'test/billing/*.test.ts',
            // Retries, disputes and refunds one after the other are golden stories; here two of them are at once.
            'test/payments/refunds.test.ts',
            'test/control/{access,idempotency,rest,setup,sign-in}.test.ts',
            'test/gateway/{admission,durability,limits}.test.ts',
          ],
          // A clock that is moved by hand knows no database, and neither do printing and tables of what the other tests read.
          exclude: ['test/billing/{export,papers,test-clock}.test.ts'],
          env: { APIGATE_TEST_DATABASE: 'postgres' },
          ...slow,
        },
      },
      {
        // What a page takes is seen only where nothing else runs: after everything else, and alone.
        test: {
          name: 'calm',
          include: ['test/pages/first-paint.test.ts'],
          sequence: { groupOrder: 1 },
          ...slow,
          testTimeout: 1_200_000,
          expect: { poll: { timeout: 120_000 } },
        },
      },
    ],
  },
})
