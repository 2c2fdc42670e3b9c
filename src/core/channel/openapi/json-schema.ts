/** A JSON Schema, or any other object of an OpenAPI document, as plain data. */
export type JsonObject = { readonly [key: string]: unknown }

/** A reference to a part of the document. */
export const reference = (kind: string, name: string): JsonObject => ({
  $ref: `#/components/${kind}/${name}`,
})

/** The object without the members that are undefined. */
export const defined = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
