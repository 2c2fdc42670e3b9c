import type { ComposedBlock, ComposedMail } from './compose-mail.ts'

const linesOf = (block: ComposedBlock): string => {
  switch (block.kind) {
    case 'facts':
      return block.rows.map(([label, value]) => `${label}: ${value}`).join('\n')
    case 'link':
      return `${block.label}:\n${block.url}`
    default:
      return block.text
  }
}

/** The mail for those who read plain text: the same words and links as the HTML. */
export const textPart = ({ blocks, footer, brand }: ComposedMail): string =>
  `${[...blocks.map(linesOf), ['--', brand.name, ...footer].join('\n')].join('\n\n')}\n`
