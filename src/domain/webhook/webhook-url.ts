/** Why an address cannot be an endpoint; undefined when it can. What its name resolves to is looked at when it is called. */
export function judgeWebhookUrl(
  text: string,
  rules: { readonly allowsPrivate: boolean; readonly isPrivateHost: (host: string) => boolean },
): string | undefined {
  if (!URL.canParse(text) || /[\s\p{Cc}]/u.test(text)) return 'must be an https URL'
  const { protocol, username, password, hash, hostname } = new URL(text)
  const isKnown = protocol === 'https:' || protocol === 'http:'
  if (!isKnown || (protocol === 'http:' && !rules.allowsPrivate)) return 'must be an https URL'
  if (username !== '' || password !== '') return 'must not hold a name or a password'
  if (hash !== '') return 'must not have a fragment'
  if (!rules.allowsPrivate && rules.isPrivateHost(hostname)) return 'must not be a private address'
  return undefined
}
