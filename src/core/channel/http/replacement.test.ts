import { expect, test } from 'vitest'
import { loadModules } from '../../schema/load.ts'
import type { Module } from '../../schema/module.ts'
import { replacementInput } from './replacement.ts'

const modules = await loadModules(['modules'])
const current = { id: 'x' }
const moduleNamed = (name: string): Module => {
  const module = modules.get(name)
  if (module === undefined) throw new Error(`no module ${name}`)
  return module
}

/** Fields whose default stands for more rights, or for a longer life, than an operator may have left. */
const kept: Readonly<Record<string, readonly string[]>> = {
  api: ['status'],
  api_key: ['scopes', 'expires_at'],
  operator: ['role', 'status'],
  operator_token: ['role', 'expires_at'],
  organization: ['status'],
  plan: ['is_default'],
  subscription: [
    'status',
    'current_period_start',
    'current_period_end',
    'trial_end',
    'grace_until',
    'cancelled_at',
  ],
  user: ['status'],
}

for (const [name, fields] of Object.entries(kept)) {
  test(`a replacement of ${name} leaves ${fields.join(', ')} as it is when that is not given`, () => {
    const input = replacementInput(moduleNamed(name), current, {})
    for (const field of fields) {
      expect(moduleNamed(name).fields.has(field)).toBe(true)
      expect(input).not.toHaveProperty(field)
    }
  })

  test(`a replacement of ${name} changes ${fields.join(', ')} when that is given, and null puts the default back`, () => {
    for (const value of ['new', null]) {
      const body = Object.fromEntries(fields.map((field) => [field, value]))
      expect(replacementInput(moduleNamed(name), current, body)).toMatchObject(body)
    }
  })
}

test('what is neither sticky nor set by the server goes back to its default', () => {
  const input = replacementInput(moduleNamed('plan'), current, { name: 'free' })
  expect(input).toMatchObject({ name: 'free', price_monthly: null, description: null })
})
