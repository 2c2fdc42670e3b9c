import { isProperName } from '#core/schema/label.ts'

/** A name as it stands within a sentence: "API Key" is "API key", and "Slack" stays what it is. */
export const inSentence = (name: string): string =>
  name.replace(/[\w-]+/g, (word) =>
    /^[A-Z][a-z]*(?:-[a-z]+)*$/.test(word) && !isProperName(word) ? word.toLowerCase() : word,
  )
