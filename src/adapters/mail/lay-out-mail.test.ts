import { describe, expect, test } from 'vitest'
import { composeMail, type MailBrand } from '#domain/mail/compose-mail.ts'
import type { MailTemplate } from '#domain/mail/mail-template.ts'
import { mailTemplates } from '#domain/mail/mail-templates.ts'
import { textPart } from '#domain/mail/text-part.ts'
import { layOutMail } from './lay-out-mail.ts'

const brand: MailBrand = {
  name: 'Engines & Co',
  color: '#1d6b57',
  supportAddress: 'help@engines.example',
  baseUrl: 'https://api.engines.example',
}
const templates = [...mailTemplates.values()]
const hostile = {
  markup: '<script>alert(1)</script>"><img src=x onerror=alert(1)><a href="https://evil.example">',
  'an attribute': `' onmouseover='x" style="x`,
  'a header': 'x\r\nBcc: victim@example.com\r\n\r\n<html>',
  'a turned direction': '\u202e\u2067עדה\u0000',
  length: 'long '.repeat(2_000),
  'half a character': '\ud83d',
  'an address elsewhere': 'javascript:alert(1) https://evil.example/x www.evil.example',
  nothing: '',
  'names of a prototype': '__proto__ {{name}} <%= x %>',
} as const

const dataOf = (template: MailTemplate, value: string) =>
  Object.fromEntries(Object.keys(template.sample).map((field) => [field, value]))
const render = (template: MailTemplate, data: Readonly<Record<string, string>>) => {
  const mail = composeMail(template, data, brand)
  return { mail, text: textPart(mail), html: layOutMail(mail) }
}
const unescaped = (html: string): string =>
  html
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
/** Every tag with its attributes; of links only that there is one. */
const tagsOf = (html: string): string[] =>
  (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/href="[^"]*"/, 'href'))
const linksIn = (text: string): string[] => text.match(/https?:\/\/[^\s<]+/g) ?? []
const hrefsIn = (html: string): string[] =>
  [...html.matchAll(/href="([^"]*)"/g)].map(([, url = '']) => unescaped(url))

describe.each(templates.map((template) => [template.name, template] as const))(
  'the mail %s',
  (_, template) => {
    test.each(Object.entries(hostile))(
      'has the same tags and one subject line when people chose %s',
      (_, value) => {
        const usual = render(template, template.sample)
        const { mail, html, text } = render(template, dataOf(template, value))
        expect(tagsOf(html)).toEqual(tagsOf(usual.html))
        expect(mail.subject).not.toMatch(/\p{Cc}/u)
        expect([...mail.subject].length).toBeLessThanOrEqual(200)
        expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
        expect(html.length + text.length).toBeLessThan(20_000)
        expect(html.isWellFormed() && text.isWellFormed()).toBe(true)
      },
    )

    test.each(Object.entries(hostile))(
      'leads only to this instance, by the same links in both parts: %s',
      (_, value) => {
        for (const data of [template.sample, dataOf(template, value)]) {
          const { text, html } = render(template, data)
          const links = linksIn(text)
          expect(links.length).toBeGreaterThan(0)
          expect(hrefsIn(html)).toEqual(links)
          for (const url of links) expect(new URL(url).origin).toBe(brand.baseUrl)
          const rest = links.reduce((left, url) => left.replace(url, ''), text)
          expect(rest).not.toMatch(/:\/\/|www\.\w/)
        }
      },
    )

    test('says the same words in both parts, names the product, and shows everything it was given', () => {
      const { mail, text, html } = render(template, template.sample)
      const words = unescaped(html.replace(/<(style|title)>[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' '))
      for (const part of [...mail.footer, ...mail.blocks.flatMap((block) => Object.values(block).flat(2))])
        if (!['text', 'quiet', 'facts', 'link'].includes(part)) {
          expect(words).toContain(part)
          expect(text).toContain(part)
        }
      const shown = `${mail.subject}\n${text}`.replaceAll('\u200c', '')
      for (const value of Object.values(template.sample)) expect(shown).toContain(value)
      expect(shown).toContain('Engines & Co')
    })

    test('needs nothing from elsewhere: no image, script, frame, form or other address', () => {
      const { html } = render(template, template.sample)
      expect(html).not.toMatch(/<(img|script|iframe|form|link|object|base)\b|src=|url\(|@import|\son\w+=/i)
    })
  },
)

test('the words on the button can be read on every colour', () => {
  const template = mailTemplates.get('welcome') as MailTemplate
  const ink = (color: string) =>
    /background-color:#\w{6};color:(#\w{6});font-size:16px;font-weight/.exec(
      layOutMail(composeMail(template, template.sample, { ...brand, color })),
    )?.[1]
  expect(['#000000', '#1d6b57', '#ffee00', '#ffffff'].map(ink)).toEqual([
    '#ffffff',
    '#ffffff',
    '#000000',
    '#000000',
  ])
})
