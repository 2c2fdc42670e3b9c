import type { FieldType } from '../field-type.ts'
import type { FieldTypeName } from '../module.ts'
import { boolType } from './bool.ts'
import { bytesType } from './bytes.ts'
import { emailType } from './email.ts'
import { enumType } from './enum.ts'
import { intType } from './int.ts'
import { jsonType } from './json.ts'
import { refType } from './ref.ts'
import { secretType } from './secret.ts'
import { stringType } from './string.ts'
import { timestampType } from './timestamp.ts'

/** Every field type by its name in YAML. */
export const fieldTypes: Readonly<Record<FieldTypeName, FieldType>> = {
  bool: boolType,
  bytes: bytesType,
  email: emailType,
  enum: enumType,
  int: intType,
  json: jsonType,
  ref: refType,
  secret: secretType,
  string: stringType,
  timestamp: timestampType,
}

/** The type of that name, undefined when there is none. */
export const fieldTypeOf = (name: string): FieldType | undefined =>
  Object.hasOwn(fieldTypes, name) ? fieldTypes[name as FieldTypeName] : undefined
