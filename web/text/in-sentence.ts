/** A name as it stands within a sentence: "API Key" is "API key". */
export const inSentence = (name: string): string =>
  name.replace(/[\w-]+/g, (word) => (/^[A-Z][a-z]*(?:-[a-z]+)*$/.test(word) ? word.toLowerCase() : word))
