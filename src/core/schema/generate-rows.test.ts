import { expect, test } from 'vitest'
import { moduleFolder } from '#test/support/module-folder.ts'
import { generateRows } from './generate-rows.ts'
import { loadModules } from './load.ts'

test('a row type says which values may be missing, and leaves out what is never stored', async () => {
  const yaml = `
module: pet_owner
schema:
  name:     { type: string, required: true }
  kind:     { type: enum, values: [cat, dog], default: cat }
  note:     { type: string }
  friend:   { type: ref, to: pet_owner, default: jo }
  data:     { type: json }
  password: { type: string, write_only: true }
  hash:     { type: secret, internal: true }
`
  const text = generateRows(await loadModules([moduleFolder({ 'pet_owner.yaml': yaml })]))
  expect(text).toContain(`export interface PetOwnerRow {
  readonly id: string
  readonly name: string
  readonly kind: 'cat' | 'dog'
  readonly note: string | null
  readonly friend: string | null
  readonly data: unknown
  readonly hash: string | null
  readonly created_at: string
  readonly updated_at: string
}`)
  expect(text).toContain('export interface Rows {\n  pet_owner: PetOwnerRow\n}')
})
