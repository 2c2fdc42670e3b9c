import type { ComposedMail } from '#domain/mail/compose-mail.ts'

/** Lays a composed mail out as a whole HTML document; every text in it comes out as text. */
export type LayOutMail = (mail: ComposedMail) => string
