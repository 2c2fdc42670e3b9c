import { describe, expect, it } from 'vitest'
import { createClientAddress } from './client-address.ts'

const addressOf = createClientAddress((address) => address.startsWith('10.'))
const said = (remoteAddress: string, forwardedFor?: string): string =>
  addressOf(remoteAddress, { forwardedFor })

describe('the client is', () => {
  it.each([
    ['the peer, without a proxy', '203.0.113.7', undefined, '203.0.113.7'],
    ['the peer, whatever an untrusted one says', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['whom the trusted proxy names', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['the last one that no trusted proxy is', '10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['a trusted one where there is no other', '10.0.0.1', '10.0.0.3,10.0.0.2', '10.0.0.3'],
    ['the proxy that says nothing', '10.0.0.1', '198.51.100.1, ', '10.0.0.1'],
    ['the proxy that says nothing at all', '10.0.0.1', '', '10.0.0.1'],
    ['what the proxy wrote, not what stands before', '10.0.0.1', '10.0.0.9, unknown', 'unknown'],
    ['without the port', '10.0.0.1', '198.51.100.1:5050', '198.51.100.1'],
    ['without brackets and port', '10.0.0.1', '[2001:db8::7]:5050', '2001:db8::7'],
    ['found after 32 proxies at most', '10.0.0.1', `198.51.100.1${', 10.0.0.2'.repeat(40)}`, '10.0.0.2'],
  ])('%s', (_who, peer, forwardedFor, expected) => {
    expect(said(peer, forwardedFor)).toBe(expected)
  })
})
