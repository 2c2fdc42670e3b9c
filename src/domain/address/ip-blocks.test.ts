import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIpAddress } from './ip-address.ts'
import { judgeIpBlocks } from './ip-blocks.ts'
import { judgeIpRules, storedIpRules } from './ip-rules.ts'

function has(list: readonly string[], address: string): boolean {
  const judged = judgeIpBlocks(list, 'allow_ips')
  const parsed = parseIpAddress(address)
  if (!judged.ok || judged.blocks === null || parsed === undefined) throw new Error('cannot be read')
  return judged.blocks.has(parsed)
}

describe('an address', () => {
  it.each([
    ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['1::', '1:0:0:0:0:0:0:0'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is the same as %s', (one, other) => {
    expect(parseIpAddress(one)).toBeDefined()
    expect(parseIpAddress(one)).toEqual(parseIpAddress(other))
  })

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '0x7f.0.0.1',
    '1.2.3.4 ',
    '1.2.3.4:80',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '[::1]',
    '::1/64',
    `${'0'.repeat(70)}::`,
  ])('is refused as %j', (text) => {
    expect(parseIpAddress(text)).toBeUndefined()
  })
})

describe('a block', () => {
  it.each([
    ['10.0.0.0/8', '10.255.1.2', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/8', '::ffff:10.1.1.1', true],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.9', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
  ])('%s says of %s: %s', (block, address, expected) => {
    expect(has([block], address)).toBe(expected)
  })

  it.each([
    ['10.0.0.1/8', 'has bits set'],
    ['2001:db8::1/64', 'has bits set'],
    ['::ffff:10.0.0.0/90', 'reaches beyond'],
    ['10.0.0.0/33', 'must be an IP'],
    ['::/129', 'must be an IP'],
    ['10.0.0.0/', 'must be an IP'],
    ['10.0.0.0/08', 'must be an IP'],
    ['10.0.0.0/8/8', 'must be an IP'],
    ['fe80::1%eth0', 'must be an IP'],
    ['example.com', 'must be an IP'],
    [7, 'must be an IP'],
    [null, 'must be an IP'],
  ])('%j is refused with its place', (element, reason) => {
    const judged = judgeIpRules(null, ['192.0.2.1', element])
    expect(judged).toMatchObject({ ok: false, problems: [{ field: 'deny_ips[1]' }] })
    expect(judged.ok ? '' : judged.problems[0]?.reason).toContain(reason)
  })

  it('agrees with comparing bit by bit, over random blocks and addresses', () => {
    const asked = fc.constantFrom(32, 128).chain((width) =>
      fc.record({
        bits: fc.integer({ min: 0, max: width }),
        // Near misses: the address differs from the network in one bit, and in what does not count.
        turned: fc.integer({ min: 0, max: width + 8 }),
        network: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width, maxLength: width }),
        tail: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width, maxLength: width }),
      }),
    )
    fc.assert(
      fc.property(asked, ({ bits, turned, network, tail }) => {
        const block = network.map((bit, at) => (at < bits ? bit : 0))
        const address = network.map((bit, at) =>
          at === turned ? 1 - bit : at < bits ? bit : (tail[at] ?? 0),
        )
        const isIn = block.slice(0, bits).join('') === address.slice(0, bits).join('')
        expect(has([`${written(block)}/${bits}`], written(address))).toBe(isIn)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('rules', () => {
  const admits = (allow: unknown, deny: unknown, address: string): boolean => {
    const judged = judgeIpRules(allow, deny)
    if (!judged.ok) throw new Error('refused')
    return judged.rules === null || judged.rules.admits(address)
  }

  it('deny goes before allow, an empty list says nothing, and a text that is no address is not admitted', () => {
    expect(admits(['10.0.0.0/8'], ['10.1.0.0/16'], '10.1.2.3')).toBe(false)
    expect(admits(['10.0.0.0/8'], ['10.1.0.0/16'], '10.2.2.3')).toBe(true)
    expect(admits([], [], 'anything')).toBe(true)
    expect(admits(null, ['10.0.0.0/8'], '192.0.2.1')).toBe(true)
    expect(admits(null, ['10.0.0.0/8'], 'unknown')).toBe(false)
  })

  it('that are stored but cannot be read admit nobody', () => {
    expect(storedIpRules(['10.0.0.0/99'], null)?.admits('10.0.0.1')).toBe(false)
  })

  it('are refused beyond 1,000 elements, and when they are no list', () => {
    expect(judgeIpRules(new Array(1_001).fill('10.0.0.1'), null).ok).toBe(false)
    expect(judgeIpRules('10.0.0.1', null)).toMatchObject({ ok: false, problems: [{ field: 'allow_ips' }] })
  })
})

function written(bits: readonly number[]): string {
  const size = bits.length === 32 ? 8 : 16
  const groups: number[] = []
  for (let at = 0; at < bits.length; at += size)
    groups.push(Number.parseInt(bits.slice(at, at + size).join(''), 2))
  return size === 8 ? groups.join('.') : groups.map((group) => group.toString(16)).join(':')
}
