/** What else a plan gives, in the words of its names: `max_seats: 5` is `Max seats: 5`, `sso: true` is `Sso`, and what is false is not there. */
export function featureWords(
  entitlements: Readonly<Record<string, string | number | boolean>>,
): readonly string[] {
  return Object.entries(entitlements).flatMap(([name, held]) => {
    const words = `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`
    if (held === false) return []
    return [held === true ? words : `${words}: ${held}`]
  })
}
