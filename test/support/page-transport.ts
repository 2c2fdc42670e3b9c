import { readFileSync } from 'node:fs'

const fixture = (name: string): string =>
  new URL(`../fixtures/upstream-tls/${name}`, import.meta.url).pathname

/** True where `APIGATE_TEST_TRANSPORT=https` asks for pages over HTTPS. */
export const isOverHttps = process.env['APIGATE_TEST_TRANSPORT'] === 'https'

// For calls from the test itself: they go to the address of the page, as it stands.
if (isOverHttps) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'

/** What an instance is started with whose pages are opened: a certificate of its own where pages are asked for over HTTPS. */
export const pageTransport = isOverHttps
  ? {
      env: { APIGATE_TLS_CERT: fixture('certificate.pem'), APIGATE_TLS_KEY: fixture('key.pem') },
      ca: readFileSync(fixture('certificate.pem')),
    }
  : {}
