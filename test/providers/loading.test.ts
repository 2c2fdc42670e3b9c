import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkProviders } from '#core/provider/check-providers.ts'
import { loadCapabilities } from '#core/provider/load-capabilities.ts'
import { loadModules } from '#core/schema/load.ts'
import { moduleFolder } from '#test/support/module-folder.ts'
import { providerHouse } from '#test/support/provider-house.ts'

const own = resolve(import.meta.dirname, '../../capabilities')
const good = `module: email_acme
meta:
  implements: [email]
  provider: { environment: { api_key: ACME_API_KEY } }
schema:
  name: { type: string, required: true, unique: true, lookup: true }
  enabled: { type: bool, default: true }
  api_key: { type: secret, required: true }
channels:
  http:
    consume:
      acme:
        base: https://api.acme.example
        auth: { type: bearer, bearer: "\${api_key}" }
        methods:
          send:
            method: POST
            path: /messages/{to}
            map: { to: to }
            response: { set: { message_id: id } }
`

async function check(text: string) {
  const modules = await loadModules([moduleFolder({ 'email_acme.yaml': text })])
  return checkProviders(modules, await loadCapabilities([own]), new Set())
}

describe('a provider in YAML', () => {
  it('without a mistake is found by its name', async () => {
    expect([...(await check(good)).keys()]).toEqual(['email_acme'])
  })

  it.each([
    ['[email]', '[emial]', 3, /unknown capability "emial" \(did you mean "email"\?\)/],
    ['send:', 'sends:', 3, /does not do "send" of email; add a method of that name/],
    ['  name: {', '  title: {', 5, /configurations have names; add "name: \{/],
    [
      'enabled: { type: bool, default: true }',
      'enabled: { type: string }',
      7,
      /can be switched off; add "enabled/,
    ],
    ['{ api_key: ACME', '{ api_kye: ACME', 4, /unknown field "api_kye" \(did you mean "api_key"\?\)/],
    [
      'ACME_API_KEY',
      'APIGATE_ENCRYPTION_KEY',
      4,
      /must be a variable in capitals that is not one of APIGATE_/,
    ],
    ['${api_key}', '${apikey}', 14, /\$\{apikey\} is no field of this module \(did you mean "api_key"\?\)/],
    ['${api_key}', '${APIGATE_KEY_PEPPER}', 14, /is the product's own/],
    ['${api_key}', '${api-key}', 14, /has a "\$\{" that is not/],
    ['{ type: bearer, bearer: "${api_key}" }', '{ type: basic, username: x }', 14, /basic needs "password:"/],
    ['type: bearer,', 'type: barer,', 14, /must be one of none, bearer, basic, header, hmac/],
    ['https://api.acme.example', 'ftp://api.acme.example', 13, /must be an http or https address/],
    ['/messages/{to}', 'messages', 18, /must begin with \//],
    ['/messages/{to}', '/messages?x=1', 18, /parameters go to "query"/],
    ['/messages/{to}', '/messages/{to-', 18, /brace without its other one/],
    ['method: POST', 'method: GET', 19, /GET sends no body; use "query"/],
    ['map: { to: to }', 'map: { to: "a b" }', 19, /"a b" is no path; write a\.b\[0\]/],
    ['map: { to: to }', 'headers: { Host: x }', 19, /not a header that can be set/],
    [
      'map: { to: to }',
      'errors: { 404: not_fuond }',
      19,
      /unknown error "not_fuond" \(did you mean "not_found"\?\)/,
    ],
    ['map: { to: to }', 'pagination: { type: cursor }', 19, /needs "response.items"/],
    ['map: { to: to }', 'mapp: { to: to }', 19, /unknown key "mapp" \(did you mean "map"\?\)/],
  ])('with %s as %s stops the start at its line with the fix', async (from, to, line, message) => {
    const failure = await check(good.replace(from, to)).then(
      () => '',
      (error: Error) => error.message,
    )
    expect(failure).toMatch(new RegExp(`email_acme\\.yaml:${line}:`))
    expect(failure).toMatch(message)
  })
})

describe('what a module requires', () => {
  const needy = (requires: string): string =>
    `module: report\nmeta:\n  requires:\n    out: ${requires}\nschema:\n  title: { type: string }\n`
  const load = async (requires: string) => {
    const modules = await loadModules([moduleFolder({ 'report.yaml': needy(requires) })])
    return checkProviders(modules, await loadCapabilities([own]), new Set())
  }

  it.each([
    ['{ capability: emial }', /unknown capability "emial" \(did you mean "email"\?\)/],
    ['{ capability: email, required: true }', /needs a provider of email, and there is none/],
    ['{ capability: email, default: email_smpt }', /"email_smpt" is no provider of email/],
  ])('%s stops the start at its line', async (requires, message) => {
    await expect(load(requires)).rejects.toThrow(/report\.yaml:4:/)
    await expect(load(requires)).rejects.toThrow(message)
  })

  it('is the active provider, else its default', async () => {
    const modules = moduleFolder({ 'report.yaml': needy('{ capability: email, default: email_log }') })
    const opened = await providerHouse({ modules, env: { APIGATE_ENV: 'production' } })
    const out = opened.house.providers.capabilities.dependency('report', 'out')
    const send = () => (out.ok ? out.value.call('send', { to: 'a@b.example', subject: 'S', text: 'T' }) : out)
    expect(await send()).toMatchObject({ ok: true, value: { message_id: expect.stringMatching(/^eml_/) } })
    await opened.set('email.provider', 'sendgrid')
    expect(await send()).toMatchObject({ ok: false, details: { provider: 'sendgrid' } })
  })
})

describe('a capability in YAML', () => {
  it.each([
    ['capability: Big\nactions: { go: {} }\n', /big\.yaml:1:.*must be lower-case/s],
    ['capability: big\nactions: {}\n', /big\.yaml:2:.*at least one action/s],
    [
      'capability: big\nactions:\n  go:\n    input:\n      - { name: a, type: strng }\n',
      /big\.yaml:5:.*did you mean "string"/s,
    ],
    ['capability: big\nactions:\n  go: {}\nevents: [Big]\n', /big\.yaml:4:.*is not an event name/s],
  ])('with a mistake stops the start at its line: %j', async (text, message) => {
    await expect(loadCapabilities([moduleFolder({ 'big.yaml': text })])).rejects.toThrow(message)
  })

  it('cannot take the name of one that is there', async () => {
    const folder = moduleFolder({ 'other.yaml': 'capability: email\nactions: { send: {} }\n' })
    await expect(loadCapabilities([own, folder])).rejects.toThrow(/other\.yaml:1:.*"email" is taken by/s)
  })
})

it('code that cannot be loaded or opens nothing stops the start with the file and the fix', async () => {
  const yaml = (code: string): string => good.replace('provider: {', `provider: { code: ${code},`)
  const broken = moduleFolder({ 'providers/email_acme.yaml': yaml('./acme.ts') })
  await expect(providerHouse({ modules: broken })).rejects.toThrow(
    /email_acme\.yaml.*acme\.ts cannot be loaded/s,
  )
  const empty = moduleFolder({
    'providers/email_acme.yaml': yaml('./acme.ts'),
    'providers/acme.ts': 'export const close = 1\n',
  })
  await expect(providerHouse({ modules: empty })).rejects.toThrow(/exports no function "open"/)
})
