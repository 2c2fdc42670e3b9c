import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCheckSetting } from '#app/settings/gateway-settings.ts'
import type { Behaviour } from '#ports/behaviour.ts'

const sparePart = `
module: spare_part
meta:
  description: Something that can be ordered.
  plural: Spare Parts
  id_prefix: spt
schema:
  name:      { type: string, required: true, unique: true, lookup: true, max: 40 }
  serial:    { type: string, immutable: true }
  size:      { type: int, default: 3, min: 0, max: 100 }
  color:     { type: enum, values: [red, green, blue], default: red }
  is_sold:   { type: bool, default: false }
  note:      { type: string }
  pin:       { type: secret }
  tags:      { type: json }
  made_at:   { type: timestamp }
  margin:    { type: int, internal: true, default: 7 }
  sold_at:   { type: timestamp, internal_write: true }
actions:
  create:
    output:
      - { name: claim_code, type: string }
  sell_now:
    description: Hand it over
    confirm: true
    input:
      - { name: buyer, type: string, required: true }
    set: { is_sold: true, sold_at: now() }
  audit:
    internal: true
hooks:
  before_create:
    - call: spare_part_claim
`

const shelf = `
module: shelf
meta: { plural: Shelves }
schema:
  label: { type: string, required: true }
channels:
  http:
    serve:
      base_path: /api/store/shelves
      endpoints:
        - { action: list, method: GET, path: "/" }
        - { action: get, method: GET, path: "/{id}" }
        - { action: list, method: GET, path: /everything }
        - { action: get, method: GET, path: "/{id}/label" }
`

const hidden = `
module: ghost
schema:
  label: { type: string, required: true }
channels:
  http: { serve: { enabled: false } }
`

/** What the modules below call: a code that is shown once, and a failure on demand. */
export const fixtureBehaviours: Readonly<Record<string, Behaviour>> = {
  setting_check: createCheckSetting({ isSecret: () => false, paymentProviders: [] }),
  spare_part_claim: (context) => {
    if (context.input['note'] === 'explode') throw new Error('boom at /var/secret')
    context.revealOnce('claim_code', `code-${context.id}`)
    return undefined
  },
}

/** A folder with the operator modules of the product and modules that show every trait of the channel. */
export async function fixtureModules(): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'apigate-control-'))
  for (const name of ['operator', 'operator_token', 'session', 'setting']) {
    await cp(join('modules', `${name}.yaml`), join(directory, `${name}.yaml`))
  }
  await writeFile(join(directory, 'spare_part.yaml'), sparePart)
  await writeFile(join(directory, 'shelf.yaml'), shelf)
  await writeFile(join(directory, 'ghost.yaml'), hidden)
  return { directory, remove: () => rm(directory, { recursive: true }) }
}
