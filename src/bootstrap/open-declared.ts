import { createDeclared, type Declared } from '#core/declared/create-declared.ts'
import { fileSchema } from '#core/declared/file-schema.ts'
import type { Engine } from '#core/engine.ts'
import { declaredKinds } from '#domain/declared-kinds.ts'

/** Configuration as a file, for the doors of an instance, and the schema of such files. */
export const openDeclared = (
  engine: Engine,
): { readonly declared: Declared; readonly declaredSchema: Readonly<Record<string, unknown>> } => ({
  declared: createDeclared(engine, declaredKinds),
  declaredSchema: fileSchema(declaredKinds, engine.modules),
})
