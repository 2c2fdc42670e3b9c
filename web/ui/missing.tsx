import { text } from '@/text/en.ts'
import { buttonClass } from './button.tsx'
import { Empty } from './surface.tsx'

/** What stands at an address where no page is, with a way on. */
export const Missing = () => (
  <div className="mx-auto max-w-lg p-6">
    <Empty
      title={text.nothingHere}
      action={
        <a href={location.pathname.startsWith('/ui') ? '/ui' : '/portal'} className={buttonClass()}>
          {text.toStart}
        </a>
      }
    >
      {text.pageMissing}
    </Empty>
  </div>
)
