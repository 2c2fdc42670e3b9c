import { text } from '@/text/home.ts'
import { count } from '@/ui/show.tsx'
import type { MonthOfUse } from './read-billing.ts'

/** What is used this month, of what: included in a fee, or at most, where each is paid for. */
export function usedWords({ units, included, price_model }: MonthOfUse): string {
  if (included === null) return text.usedUnlimited(count(units))
  return (price_model === 'flat' ? text.usedOf : text.usedAtMost)(count(units), count(included))
}
