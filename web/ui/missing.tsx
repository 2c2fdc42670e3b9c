import { text } from '@/text/en.ts'
import { Empty } from './surface.tsx'

/** What stands at an address where no page is. */
export const Missing = () => (
  <div className="mx-auto max-w-lg p-6">
    <Empty title={text.nothingHere}>{text.pageMissing}</Empty>
  </div>
)
