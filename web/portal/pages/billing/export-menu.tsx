import { Download } from 'lucide-react'
import { text } from '@/text/exports.ts'
import { Button } from '@/ui/button.tsx'
import { Menu } from '@/ui/menu.tsx'

/** Tables of what the organization was billed, paid and used, as CSV from the server; the last year of them. */
export const ExportMenu = () => (
  <Menu
    trigger={
      <Button>
        <Download size={15} aria-hidden /> {text.exports}
      </Button>
    }
    heading={text.lastYear}
    items={Object.entries(text.tables).map(([name, label]) => ({
      label,
      // An attachment: the browser stays where it is.
      onSelect: () => location.assign(`/api/v1/billing/export/${name}`),
    }))}
  />
)
