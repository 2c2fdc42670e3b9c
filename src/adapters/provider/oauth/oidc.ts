import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { createOpenIdClient } from '../../identity/open-id-client.ts'
import { identityActions } from './identity-actions.ts'

/** Sign-in with any OpenID provider, of which Google is one. */
export function createOpenIdSignIn(): OpenProviderCode<ProviderActions<'oauth'>> {
  return ({ config, http, log, clock, allowsPrivate }) => {
    const client = createOpenIdClient({ http, log, clock })
    const secret = config['client_secret']
    return identityActions(
      client({
        issuer: String(config['issuer']),
        clientId: String(config['client_id']),
        clientSecret: typeof secret === 'string' && secret !== '' ? secret : undefined,
        scopes: String(config['scopes']),
        allowsPrivate,
      }),
    )
  }
}
