import { accept, refuse } from '#contract/outcome.ts'
import type { SignInDomainRow } from '#contract/rows.gen.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { ProviderCatalogue } from '#ports/capability/catalogue.ts'
import type { IdentityClient, IdentityRequest, OpenIdClient } from '#ports/identity-client.ts'
import type { Records } from '#ports/records.ts'
import type { Connection, Connections } from './connection.ts'

const unknown = refuse('not_found', 'No such way to sign in')
const mostClients = 200

/** Providers that operators have configured, and those of organizations that have proven their domain. */
export function createConnections(deps: {
  readonly records: Records
  readonly capabilities: Capabilities
  readonly catalogue: Pick<ProviderCatalogue, 'list' | 'check'>
  readonly openIdClient: OpenIdClient
}): Connections {
  const { records, catalogue } = deps
  const clientOf = createClientCache(deps.openIdClient)

  const list = async (): Promise<readonly Connection[]> => {
    const offered = new Map<string, Connection>()
    for (const view of await catalogue.list()) {
      if (view.capability !== 'oauth') continue
      const words =
        view.instances.length === 0
          ? [view.provider]
          : view.instances.map((instance) =>
              instance === view.provider ? instance : `${view.provider}/${instance}`,
            )
      for (const word of words) {
        const slug = word.split('/').at(-1) ?? word
        // Of two with one name the first one has it: no callback can belong to both.
        if (offered.has(slug) || !(await catalogue.check('oauth', word)).ok) continue
        offered.set(slug, ofProvider(deps.capabilities, word, slug))
      }
    }
    return [...offered.values()]
  }
  const ofDomain = async (row: SignInDomainRow): Promise<Connection | undefined> => {
    const organization = await records.get('organization', row.organization_id)
    if (organization?.status !== 'active' || !row.enabled || row.proven_at === null) return undefined
    const allowsPrivate =
      (await records.getBy('setting', 'key', 'oauth.organizations_allow_private'))?.value === 'true'
    const { authorize, identify } = clientOf(row, allowsPrivate)
    return {
      slug: row.id,
      provider: row.id,
      label: row.label || row.domain,
      organization: { id: organization.id, domain: row.domain, role: row.default_role },
      authorize,
      identify,
    }
  }
  return {
    list,
    async forEmail(email) {
      const domain = email.trim().toLowerCase().split('@').at(-1) ?? ''
      const where = [{ field: 'domain', op: 'eq', value: domain }] as const
      for await (const row of records.each('sign_in_domain', where)) {
        const connection = await ofDomain(row)
        if (connection !== undefined) return connection
      }
      return undefined
    },
    async find(slug) {
      if (slug.startsWith('sid_')) {
        const row = await records.get('sign_in_domain', slug)
        const connection = row && (await ofDomain(row))
        return connection === undefined ? unknown : accept(connection)
      }
      const found = (await list()).find((one) => one.slug === slug)
      return found === undefined ? unknown : accept(found)
    },
  }
}

const labels: Readonly<Record<string, string>> = {
  github: 'GitHub',
  google: 'Google',
  oidc: 'Single sign-on',
}

/** A provider as its capability offers it; it is resolved anew at each call. */
function ofProvider(capabilities: Capabilities, word: string, slug: string): Connection {
  const oauth = capabilities.capability('oauth', { provider: word })
  const inputOf = ({ redirectUri, state, nonce, codeVerifier }: IdentityRequest) => ({
    redirect_uri: redirectUri,
    state,
    nonce,
    code_verifier: codeVerifier,
  })
  return {
    slug,
    provider: word,
    label: labels[slug] ?? slug,
    organization: undefined,
    async authorize(request) {
      const outcome = await oauth.authorize(inputOf(request))
      return outcome.ok ? accept(outcome.value.url) : outcome
    },
    async identify(callback, request) {
      const outcome = await oauth.identify({ callback, ...inputOf(request) })
      if (!outcome.ok) return outcome
      const { issuer, subject, email, email_verified: isEmailVerified, name = '' } = outcome.value
      return accept({ issuer, subject, email, isEmailVerified, name })
    },
  }
}

/** Keeps the clients of organizations for as long as their configuration stays the same. */
function createClientCache(open: OpenIdClient) {
  const clients = new Map<string, IdentityClient>()
  return (row: SignInDomainRow, allowsPrivate: boolean): IdentityClient => {
    const key = `${row.id} ${row.updated_at} ${allowsPrivate}`
    const known = clients.get(key)
    if (known !== undefined) return known
    const client = open({
      issuer: row.issuer,
      clientId: row.client_id,
      clientSecret: row.client_secret ?? undefined,
      scopes: row.scopes,
      allowsPrivate,
    })
    clients.set(key, client)
    const [oldest] = clients.keys()
    if (clients.size > mostClients && oldest !== undefined) clients.delete(oldest)
    return client
  }
}
