import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, shape, text, textOrNull } from './shapes.ts'

/** The settings with what they do, by their rule. */
export const settingsDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/settings': {
    id: 'describe_settings',
    tag: 'Settings',
    summary: 'Every setting, set or not: what it does, and what holds while it is not set',
    answers: {
      200: {
        description: 'The settings; the value of a secret is never there',
        schema: enveloped(
          listOf(
            shape({
              key: text,
              title: text,
              group: text,
              widget: text,
              description: text,
              usual: text,
              values: listOf(text),
              id: textOrNull,
              value: textOrNull,
              updated_at: textOrNull,
            }),
          ),
        ),
      },
    },
  },
}
