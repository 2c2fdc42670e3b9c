/** What a production instance is judged by. */
export interface ProductionFacts {
  /** The active providers, and what they are not good enough for. */
  readonly providers: readonly {
    readonly capability: string
    readonly provider: string
    readonly only: 'testing' | 'single_node' | null
  }[]
  /** Whether its records live in a time that was moved forward. */
  readonly isInTestTime?: boolean
  /** How many nodes share the database. */
  readonly nodes: number
  /** Secrets by the variable that gives them; undefined = made by this node and kept in its data directory. */
  readonly secrets: Readonly<Record<string, string | undefined>>
}

const placeholder = /^(?:change|default|example|insecure|password|placeholder|secret|test|todo|your)[-_ ]?/i

/** True for what stands in examples, and for a text that repeats a short piece of itself. */
const isGuessable = (secret: string): boolean => placeholder.test(secret) || /^(.{1,4})\1+$/.test(secret)

/** Why an instance may not run in production, as sentences that say what to do; none = it may. */
export function productionProblems({
  providers,
  nodes,
  secrets,
  isInTestTime = false,
}: ProductionFacts): readonly string[] {
  const problems: string[] = []
  if (isInTestTime)
    problems.push('its records were made in test time: production needs a database of its own')
  for (const { capability, provider, only } of providers) {
    const remedy = `choose another with ${capability}.provider or ${capability.toUpperCase()}_PROVIDER`
    if (only === 'testing') problems.push(`the ${capability} provider ${provider} is for testing: ${remedy}`)
    if (only === 'single_node' && nodes > 1)
      problems.push(
        `the ${capability} provider ${provider} keeps things in one process, and there are ${nodes} nodes: ${remedy}`,
      )
  }
  for (const [variable, secret] of Object.entries(secrets)) {
    if (secret !== undefined && isGuessable(secret))
      problems.push(`${variable} can be guessed: set a random one`)
    if (secret === undefined && nodes > 1)
      problems.push(`${variable} is not set, and ${nodes} nodes need the same one: set it on all of them`)
  }
  return problems
}
