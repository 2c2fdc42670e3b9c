const most = 80

/** A name from outside as it may stand in a message: at most 80 characters, the last of them an ellipsis where it was cut. */
export function shortened(text: string): string {
  if (text.length <= most) return text
  // Half a surrogate pair is no character.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
