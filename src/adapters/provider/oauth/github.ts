import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { createGithubClient } from '../../identity/github-client.ts'
import { identityActions } from './identity-actions.ts'

/** Sign-in with GitHub. */
export function createGithubSignIn(): OpenProviderCode<ProviderActions<'oauth'>> {
  return ({ config, http, log, allowsPrivate }) =>
    identityActions(
      createGithubClient(
        { http, log },
        {
          clientId: String(config['client_id']),
          clientSecret: String(config['client_secret']),
          baseUrl: String(config['base_url']).replace(/\/+$/, ''),
          apiUrl: String(config['api_url']).replace(/\/+$/, ''),
          allowsPrivate,
        },
      ),
    )
}
