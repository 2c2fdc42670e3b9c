/** What a language model says that a call has used, in one shape whatever API said it. */
export interface TokenUsage {
  /** All input tokens, those read from or written to a cache included. */
  readonly input_tokens: number
  readonly output_tokens: number
  /** The part of input_tokens that was read from a cache. */
  readonly cached_tokens: number
  /** The part of output_tokens that was spent on reasoning. */
  readonly reasoning_tokens: number
  readonly total_tokens: number
}

/** The names that `usage` has in expressions. */
export const tokenUsageFields = [
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'reasoning_tokens',
  'total_tokens',
] as const satisfies readonly (keyof TokenUsage)[]

/** Collects usage over the documents of an answer: one JSON body, or the events of a stream. */
export interface UsageCollector {
  /** Takes in one document; true when it said something about usage. Later counts replace earlier ones. */
  absorb(document: unknown): boolean
  /** What was said so far; undefined when nothing was. */
  usage(): TokenUsage | undefined
}

type Count = 'input' | 'output' | 'total' | 'cacheRead' | 'cacheWrite' | 'cachedPart' | 'reasoning'

/** Where each count stands in the usage object of: OpenAI chat completions, OpenAI responses, Anthropic messages. */
const places: readonly (readonly [count: Count, ...path: readonly string[]])[] = [
  ['input', 'prompt_tokens'],
  ['input', 'input_tokens'],
  ['output', 'completion_tokens'],
  ['output', 'output_tokens'],
  ['total', 'total_tokens'],
  ['cachedPart', 'prompt_tokens_details', 'cached_tokens'],
  ['cachedPart', 'input_tokens_details', 'cached_tokens'],
  ['reasoning', 'completion_tokens_details', 'reasoning_tokens'],
  ['reasoning', 'output_tokens_details', 'reasoning_tokens'],
  ['cacheRead', 'cache_read_input_tokens'],
  ['cacheWrite', 'cache_creation_input_tokens'],
]

/**
 * A collector for one answer. Streams repeat their counts as running totals (Anthropic's message_start and
 * message_delta, OpenAI's last chunk), so that the last word on each count is the right one.
 */
export function createUsageCollector(): UsageCollector {
  const counts: Partial<Record<Count, number>> = {}
  return {
    absorb(document) {
      const said = usageObject(document)
      if (said === undefined) return false
      let isFound = false
      for (const [count, ...path] of places) {
        const value = path.reduce(memberOf, said)
        if (!isCount(value)) continue
        counts[count] = value
        isFound = true
      }
      return isFound
    },
    usage() {
      const { input, output, total } = counts
      if (input === undefined && output === undefined && total === undefined) return undefined
      const { cacheRead = 0, cacheWrite = 0 } = counts
      // Only Anthropic counts the cached part beside the input tokens instead of within them.
      const inputTokens = (input ?? 0) + cacheRead + cacheWrite
      const outputTokens = output ?? 0
      return {
        input_tokens: inputTokens,
        output_tokens: outputTokens,
        cached_tokens: counts.cachedPart ?? cacheRead,
        reasoning_tokens: counts.reasoning ?? 0,
        total_tokens: total ?? inputTokens + outputTokens,
      }
    },
  }
}

/** The `usage` of a document, of its `message` (Anthropic's message_start) or of its `response` (OpenAI's stream events). */
function usageObject(document: unknown): unknown {
  for (const holder of [document, memberOf(document, 'message'), memberOf(document, 'response')]) {
    const usage = memberOf(holder, 'usage')
    if (typeof usage === 'object' && usage !== null) return usage
  }
  return undefined
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
