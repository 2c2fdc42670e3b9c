import type { Format } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'

/** Longer texts have no format that is worth the time to find out. */
const mostCharacters = 4_096

const textFormats = [
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'iso-date-time',
  'iso-time',
  'json-pointer',
  'json-pointer-uri-fragment',
  'regex',
  'relative-json-pointer',
  'time',
  'uri',
  'uri-reference',
  'uri-template',
  'uuid',
] as const

/** What a format says of a text, whether the library writes it as an expression, a function, or with a comparison beside it. */
function checkOf(name: (typeof textFormats)[number]): (text: string) => boolean {
  const format = fullFormats[name] as RegExp | ((text: string) => boolean) | { validate: unknown }
  const check = typeof format === 'object' && 'validate' in format ? format.validate : format
  if (check instanceof RegExp) return (text) => check.test(text)
  return check as (text: string) => boolean
}

/** The formats of draft 2020-12 and of OpenAPI that are checked. */
export const formats: Readonly<Record<string, Format>> = {
  ...Object.fromEntries(
    textFormats.map((name) => {
      const check = checkOf(name)
      return [name, (text: string) => text.length <= mostCharacters && check(text)]
    }),
  ),
  binary: true,
  byte: fullFormats.byte,
  double: fullFormats.double,
  float: fullFormats.float,
  int32: fullFormats.int32,
  int64: fullFormats.int64,
  password: true,
}
