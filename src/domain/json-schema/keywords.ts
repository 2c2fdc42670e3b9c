/** Keywords that hold schemas, by how they hold them and whether these apply to the very same value. */
export const schemaHolders: ReadonlyMap<
  string,
  readonly [form: 'one' | 'list' | 'map', isSameValue: boolean]
> = new Map([
  ['$defs', ['map', false]],
  ['additionalProperties', ['one', false]],
  ['allOf', ['list', true]],
  ['anyOf', ['list', true]],
  ['contains', ['one', false]],
  ['definitions', ['map', false]],
  ['dependentSchemas', ['map', true]],
  ['else', ['one', true]],
  ['if', ['one', true]],
  ['items', ['one', false]],
  ['not', ['one', true]],
  ['oneOf', ['list', true]],
  ['patternProperties', ['map', false]],
  ['prefixItems', ['list', false]],
  ['properties', ['map', false]],
  ['propertyNames', ['one', false]],
  ['then', ['one', true]],
  ['unevaluatedItems', ['one', false]],
  ['unevaluatedProperties', ['one', false]],
])

/** The other keywords of draft 2020-12. */
const plain: ReadonlySet<string> = new Set(
  [
    '$anchor',
    '$comment',
    '$ref',
    '$schema',
    'const',
    'contentEncoding',
    'contentMediaType',
    'contentSchema',
    'default',
    'dependentRequired',
    'deprecated',
    'description',
    'enum',
    'examples',
    'exclusiveMaximum',
    'exclusiveMinimum',
    'format',
    'maxContains',
    'maxItems',
    'maxLength',
    'maxProperties',
    'maximum',
    'minContains',
    'minItems',
    'minLength',
    'minProperties',
    'minimum',
    'multipleOf',
    'pattern',
    'readOnly',
    'required',
    'title',
    'type',
    'uniqueItems',
    'writeOnly',
  ].concat([...schemaHolders.keys()]),
)

/** True for a keyword that means something in draft 2020-12 and is carried out. */
export const isSchemaKeyword = (name: string): boolean => plain.has(name)
