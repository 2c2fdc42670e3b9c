import { Fault } from '#contract/outcome.ts'
import type { MailBlock, MailTemplate } from './mail-template.ts'
import { plainValue, subjectLine } from './plain-value.ts'

/** How mails of an instance look and where their links lead. */
export interface MailBrand {
  readonly name: string
  /** `#rrggbb`. */
  readonly color: string
  readonly supportAddress: string | undefined
  /** The public address of the instance, without a slash at its end. */
  readonly baseUrl: string
}

/** A piece of a mail whose link is whole. */
export type ComposedBlock =
  | Exclude<MailBlock, { kind: 'link' }>
  | { readonly kind: 'link'; readonly label: string; readonly url: string }

/** A mail before it is laid out: the text part and the HTML part are made of the same pieces. */
export interface ComposedMail {
  readonly subject: string
  readonly blocks: readonly ComposedBlock[]
  readonly footer: readonly string[]
  readonly brand: MailBrand
}

const mostLinkedCharacters = 500

/** Fills a template. What stands in `data` can be text and the query of a link, never an address of its own. */
export function composeMail(
  template: MailTemplate,
  data: Readonly<Record<string, string>>,
  brand: MailBrand,
): ComposedMail {
  const names = Object.keys(template.sample)
  const plain = Object.fromEntries(names.map((name) => [name, plainValue(required(template, data, name))]))
  const { subject, blocks, reason } = template.compose(plain, brand.name)
  const whole = (block: MailBlock): ComposedBlock => {
    if (block.kind !== 'link') return block
    const query = (block.query ?? []).map((name) => `${name}=${linked(required(template, data, name))}`)
    const url = `${brand.baseUrl}${block.page}${query.length === 0 ? '' : `?${query.join('&')}`}`
    return { kind: 'link', label: block.label, url }
  }
  const { supportAddress } = brand
  return {
    subject: subjectLine(subject),
    blocks: blocks.map(whole),
    footer: [reason, ...(supportAddress === undefined ? [] : [`Questions? Write to ${supportAddress}.`])],
    brand,
  }
}

/** Names what a template needs and the data does not have; undefined when all of it is there. */
export const missingField = (
  template: MailTemplate,
  data: Readonly<Record<string, string>>,
): string | undefined =>
  Object.keys(template.sample).find((name) => !Object.hasOwn(data, name) || typeof data[name] !== 'string')

function required(template: MailTemplate, data: Readonly<Record<string, string>>, name: string): string {
  const value = Object.hasOwn(data, name) ? data[name] : undefined
  if (value === undefined) throw new Fault('internal_error', `the mail ${template.name} needs ${name}`)
  return value
}

/** A link that was cut would be another one: what is too long to be a token or an id stands there empty. */
const linked = (value: string): string =>
  value.length > mostLinkedCharacters ? '' : encodeURIComponent(value.toWellFormed())
