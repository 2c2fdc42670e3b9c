import { labelOf } from '#core/schema/label.ts'
import { inSentence } from '@/text/in-sentence.ts'

/** What has a name of data with dots, for people: `billing.carry_out` is "Billing: carry out". */
export const dottedName = (name: string): string =>
  name
    .split('.')
    .map((part, at) => (at === 0 ? labelOf(part) : inSentence(labelOf(part))))
    .join(': ')
