/** A piece of a mail. Links lead to a page of this instance; `query` names the data that the link carries. */
export type MailBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'quiet'; readonly text: string }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | {
      readonly kind: 'link'
      readonly label: string
      readonly page: `/${string}`
      readonly query?: readonly string[]
    }

/** What a template makes of its data: both parts of a mail come from it. */
export interface MailContent {
  readonly subject: string
  readonly blocks: readonly MailBlock[]
  /** Why the reader gets it. */
  readonly reason: string
}

/** A kind of mail. */
export interface MailTemplate {
  readonly name: string
  /** When it is sent. */
  readonly description: string
  /** Everything that it shows, with an example of each. */
  readonly sample: Readonly<Record<string, string>>
  compose(data: Readonly<Record<string, string>>, product: string): MailContent
}

/** Makes a template whose data has exactly the names of its sample. */
export const defineTemplate = <Field extends string>(template: {
  readonly name: string
  readonly description: string
  readonly sample: Readonly<Record<Field, string>>
  readonly compose: (data: Readonly<Record<Field, string>>, product: string) => MailContent
}): MailTemplate => template as unknown as MailTemplate

/** The first line of a mail. */
export const greeting = (name: string): MailBlock => text(name === '' ? 'Hello,' : `Hello ${name},`)
/** A paragraph. */
export const text = (words: string): MailBlock => ({ kind: 'text', text: words })
/** A paragraph in small print. */
export const quiet = (words: string): MailBlock => ({ kind: 'quiet', text: words })
/** Labels with their values. */
export const facts = (...rows: [label: string, value: string][]): MailBlock => ({ kind: 'facts', rows })
/** The one thing to do. */
export const link = (label: string, page: `/${string}`, ...query: string[]): MailBlock => ({
  kind: 'link',
  label,
  page,
  query,
})
