/** Headers that prove where a body comes from, for each secret one signature, over the exact bytes. */
export type SignWebhook = (
  secrets: readonly string[],
  message: { readonly id: string; readonly body: string },
  now: number,
) => Readonly<Record<string, string>>
