import { expect, test } from 'vitest'
import { addressBlock } from './address-block.ts'

const cases: [address: string, block: string][] = [
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:51234', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:3:4:192.0.2.1', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
  ['2001:db8::1::2', '2001:db8::1::2'],
  ['1:2', '1:2'],
  ['', ''],
]
for (const [address, block] of cases) {
  test(`"${address}" counts as "${block}"`, () => {
    expect(addressBlock(address)).toBe(block)
  })
}

test('what is no address is cut, so that it cannot fill the memory', () => {
  expect(addressBlock(`x:${'y'.repeat(10_000)}`)).toHaveLength(64)
})
