import { describe, expect, it } from 'vitest'
import { createStoredAnswers, type Place, type StoredAnswer } from './stored-answers.ts'

const answer = (fields: Partial<StoredAnswer> = {}): StoredAnswer => ({
  status: 200,
  reason: '',
  headers: [],
  body: Buffer.alloc(100),
  vary: [],
  lifetimeMs: 1,
  bornAtMs: 0,
  isForAnyone: false,
  ...fields,
})
const place = (fields: Partial<Place> = {}): Place => ({
  routeId: 'rte_1',
  revision: '1',
  resource: 'ups_1 /a',
  scope: 'org_1',
  ...fields,
})
const nothing = (): undefined => undefined

function store(mostBytes = 1_000_000) {
  const made = createStoredAnswers(mostBytes)
  made.follow(new Map([['rte_1', '1']]))
  return made
}

describe('kept answers', () => {
  it('are found by route, scope and resource, and by what they vary by', () => {
    const answers = store()
    const german = answer({ vary: [['accept-language', 'de']] })
    const plain = answer({ vary: [['accept-language', '']] })
    answers.candidate(place()).keep(german)
    answers.candidate(place()).keep(plain)
    expect(answers.find(place(), () => 'de')).toBe(german)
    expect(answers.find(place(), nothing)).toBe(plain)
    expect(answers.find(place(), () => 'fr')).toBeUndefined()
    expect(answers.find(place({ scope: 'org_2' }), nothing)).toBeUndefined()
    expect(answers.find(place({ resource: 'ups_1 /b' }), nothing)).toBeUndefined()
    const newer = answer({ vary: [['accept-language', 'de']] })
    answers.candidate(place()).keep(newer)
    expect(answers.find(place(), () => 'de')).toBe(newer)
  })

  it('stay below the bound, the least recently used going first, and variants below theirs', () => {
    const answers = store(20_000)
    for (let number = 0; number < 100; number++) {
      answers.candidate(place({ resource: `r${number}` })).keep(answer())
      answers.find(place({ resource: 'r0' }), nothing)
      expect(answers.bytes).toBeLessThanOrEqual(20_000)
    }
    expect(answers.find(place({ resource: 'r0' }), nothing)).toBeDefined()
    expect(answers.find(place({ resource: 'r1' }), nothing)).toBeUndefined()
    answers.candidate(place({ resource: 'huge' })).keep(answer({ body: Buffer.alloc(20_001) }))
    expect(answers.find(place({ resource: 'huge' }), nothing)).toBeUndefined()
    for (let number = 0; number < 100; number++)
      answers
        .candidate(place({ resource: 'v' }))
        .keep(answer({ body: Buffer.alloc(0), vary: [['x', `${number}`]] }))
    expect(answers.find(place({ resource: 'v' }), () => '99')).toBeDefined()
    expect(answers.find(place({ resource: 'v' }), () => '83')).toBeUndefined()
  })

  it('are forgotten with their resource for everybody, also those on their way', () => {
    const answers = store()
    for (const scope of ['org_1', 'org_2']) answers.candidate(place({ scope })).keep(answer())
    answers.candidate(place({ resource: 'other' })).keep(answer())
    const late = answers.candidate(place())
    answers.forget('ups_1 /a')
    late.keep(answer())
    expect(answers.find(place(), nothing)).toBeUndefined()
    expect(answers.find(place({ scope: 'org_2' }), nothing)).toBeUndefined()
    expect(answers.find(place({ resource: 'other' }), nothing)).toBeDefined()
  })

  it('are forgotten with a change of their route, also those on their way, and give their bytes back', () => {
    const answers = store()
    answers.candidate(place()).keep(answer())
    const late = answers.candidate(place())
    answers.follow(new Map([['rte_1', '2']]))
    late.keep(answer())
    expect(answers.find(place(), nothing)).toBeUndefined()
    expect(answers.bytes).toBe(0)
    const dropped = answers.candidate(place({ revision: '2' }))
    dropped.drop()
    dropped.keep(answer())
    expect(answers.bytes).toBe(0)
  })
})
