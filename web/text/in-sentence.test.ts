import { expect, test } from 'vitest'
import { inSentence } from './in-sentence.ts'

test('names of modules lose their capitals within a sentence, initialisms and brands do not', () => {
  expect(
    ['API Key', 'Sign-in domain', 'OAuth Identities', 'APIs', 'Sent e-mail', 'FX quote'].map(inSentence),
  ).toEqual(['API key', 'sign-in domain', 'OAuth identities', 'APIs', 'sent e-mail', 'FX quote'])
  expect(['Slack', 'OAuth Google clients', 'Lemon Squeezy', 'OpenID Connect', 'URL'].map(inSentence)).toEqual(
    ['Slack', 'OAuth Google clients', 'Lemon Squeezy', 'OpenID Connect', 'URL'],
  )
})
