import { html, raw } from 'hono/html'
import { Fault } from '#contract/outcome.ts'
import type { ComposedBlock } from '#domain/mail/compose-mail.ts'
import type { LayOutMail } from '#ports/mail-layout.ts'

type Markup = ReturnType<typeof html>

/** For programs that read styles in the head: narrow screens and dark rooms. What has to hold everywhere stands at its element. */
const styles = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) {
  .card { padding: 24px 20px !important; }
  .button { display: block !important; text-align: center !important; }
  .label, .value { display: block !important; width: auto !important; padding-right: 0 !important; }
  .label { padding-bottom: 0 !important; }
  .value { padding-top: 0 !important; }
}
@media (prefers-color-scheme: dark) {
  .paper { background-color: #16181b !important; }
  .card { background-color: #1e2125 !important; border-color: #2d3136 !important; }
  .ink { color: #e6e4df !important; }
  .quiet { color: #a3abb3 !important; }
  .line { border-color: #2d3136 !important; }
}
`
const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif'
const wrap = 'overflow-wrap:anywhere;word-break:break-word'
const ink = `margin:0 0 16px;color:#22262b;font-size:16px;line-height:1.6;${wrap}`
const small = `margin:0 0 16px;color:#5d646c;font-size:14px;line-height:1.6;${wrap}`

/** Black or white, whichever is easier to read on a colour. */
function readableOn(color: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return luminance > 0.179 ? '#000000' : '#ffffff'
}

const row = ([label, value]: readonly [string, string]): Markup => html`<tr>
<td class="label quiet" valign="top" style="padding:4px 16px 4px 0;color:#5d646c;font-size:14px;line-height:1.6;width:30%">${label}</td>
<td class="value ink" dir="auto" valign="top" style="padding:4px 0;color:#22262b;font-size:16px;line-height:1.6;${wrap}">${value}</td>
</tr>`

function blockMarkup(block: ComposedBlock, color: string): Markup {
  switch (block.kind) {
    case 'text':
      return html`<p class="ink" style="${ink}">${block.text}</p>`
    case 'quiet':
      return html`<p class="quiet" style="${small}">${block.text}</p>`
    case 'facts':
      return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px">
${block.rows.map(row)}
</table>`
    case 'link': {
      const button = `display:inline-block;padding:12px 24px;border-radius:6px;background-color:${color};color:${readableOn(color)};font-size:16px;font-weight:600;line-height:1.5;text-decoration:none`
      return html`<p style="margin:8px 0 24px"><a class="button" href="${block.url}" style="${button}">${block.label}</a></p>
<p class="quiet" style="${small}">Or open this address:<br><span style="${wrap}">${block.url}</span></p>`
    }
  }
}

/** Lays mails out with the tagged templates of hono/html, which escape every value; no images, scripts or addresses elsewhere. */
export const layOutMail: LayOutMail = ({ subject, blocks, footer, brand }) => {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${subject}</title>
<style>${raw(styles)}</style>
</head>
<body class="paper" style="margin:0;padding:0;background-color:#fbfaf8;${font}">
<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#fbfaf8">
<tr>
<td align="center" style="padding:32px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;table-layout:fixed">
<tr>
<td class="ink" style="padding:0 4px 16px;color:#22262b;font-size:18px;font-weight:600;${wrap}">${brand.name}</td>
</tr>
<tr>
<td class="card" style="padding:32px;background-color:#ffffff;border:1px solid #e3e0da;border-radius:8px">
${blocks.map((block) => blockMarkup(block, brand.color))}
</td>
</tr>
<tr>
<td style="padding:16px 4px 0">
${footer.map((line) => html`<p class="quiet" style="margin:0 0 4px;color:#5d646c;font-size:13px;line-height:1.6;${wrap}">${line}</p>`)}
</td>
</tr>
</table>
</td>
</tr>
</table>
</body>
</html>
`
  if (whole instanceof Promise) throw new Fault('internal_error', 'a mail waits for something')
  return whole.toString()
}
