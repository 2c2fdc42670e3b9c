import { expect, it } from 'vitest'
import { twinMember } from './twin-members.ts'

it.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['[{"b":{"x":1}},{"b":{"x":1,"y":"}","x":2}}]', 'x'],
  ['{"":1, "" :2}', ''],
  ['{"a\\"":1,"b":"{\\"a\\":1,\\"a\\":2}","a\\"":2}', 'a"'],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
])('%s holds a member twice', (json, name) => {
  expect(JSON.parse(json)).toBeDefined()
  expect(twinMember(json)).toBe(name)
})

it.each([
  '1',
  '"{\\"a\\":1,\\"a\\":2}"',
  '{"a":{"a":{"a":[]}},"b":"a"}',
  '[{"a":1},{"a":1}]',
  '{"a":["a","a",{"a":1}],"A":1}',
  '{"a\\\\":1,"a":2}',
  '{"x":"\\\\","a":[1,"x"],"y":"x"}',
])('%s does not', (json) => {
  expect(JSON.parse(json)).toBeDefined()
  expect(twinMember(json)).toBeUndefined()
})
