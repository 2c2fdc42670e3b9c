/** A copy of latin1 text that, unlike a slice, does not keep the whole text it was cut from in memory. For what is kept. */
export const detached = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')
