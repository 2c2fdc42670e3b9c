import { labelOf } from '#core/schema/label.ts'
import { text } from '@/text/audit.ts'
import { inSentence } from '@/text/in-sentence.ts'

/** What happened, in words; an action that nobody has words for is its thing and what was done with it. */
export function wordsOfAction(action: string): string {
  const known = text.actions[action]
  if (known !== undefined) return known
  const [thing = '', verb = ''] = action.split('.')
  return `${text.things[thing] ?? labelOf(thing)} ${text.done[verb] ?? inSentence(labelOf(verb))}`
}

/** Every action that has words, and those given, by their words. */
export const actionsByWords = (
  more: readonly string[],
): readonly (readonly [action: string, words: string])[] =>
  [...new Set([...Object.keys(text.actions), ...more])]
    .map((action) => [action, wordsOfAction(action)] as const)
    .toSorted(([, one], [, other]) => one.localeCompare(other))
