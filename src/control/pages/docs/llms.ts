import type { PublishedRoute } from '#app/site/published-routes.ts'
import { exactText, type Markup, plainText } from '../markup.ts'
import type { DocsFacts, DocsPage } from './docs-page.ts'
import { curlCall } from './start-pages.ts'

/** The documentation for programs that read text: what there is, where it stands, how to call it. */
export function llmsText(
  facts: DocsFacts,
  pages: readonly DocsPage[],
  routes: readonly PublishedRoute[],
): string {
  const { site, baseUrl, apiUrl } = facts
  const lines = [
    `# ${oneLine(site.name)}`,
    '',
    `> ${oneLine(site.headline || `An HTTP API at ${apiUrl}.`)}`,
    '',
    ...(site.text === '' ? [] : [oneLine(site.text), '']),
    `The API answers at ${apiUrl}. Every request needs a key as \`Authorization: Bearer\`; keys are made at ${baseUrl}/portal/keys.`,
    '',
    '```',
    curlCall(facts),
    '```',
    '',
    '## Documentation',
    '',
    ...pages.map(({ path, title, lead }) => `- [${title}](${baseUrl}${path}): ${oneLine(lead)}`),
    '',
    '## OpenAPI',
    '',
    `- [API](${baseUrl}/docs/openapi.json): what a key opens`,
    `- [Account API](${baseUrl}/docs/platform.json): keys, team, usage, webhooks of an account`,
    '',
    '## Operations',
    '',
    ...routes.map(
      ({ methods, path, description, name }) =>
        `- ${methods.join(', ')} ${path}: ${oneLine(description || name)}`,
    ),
    '',
    '## Plans',
    '',
    ...site.plans.map(
      ({ name, fee, isFree, lines }) =>
        `- ${oneLine(name)}: ${fee}${isFree ? '' : ' a month'}. ${lines.join('. ')}.`,
    ),
    '',
    ...pages.flatMap(({ title, sections }) => [
      `## ${title}`,
      '',
      ...sections.flatMap((section) => [`### ${section.title}`, '', ...blocksOf(section.body)]),
    ]),
  ]
  return lines.join('\n')
}

const codeFigure = /<figure class="code">.*?<code data-language="([^"]*)">(.*?)<\/code><\/pre>\s*<\/figure>/s

/** The words of a section, with code in lines of its own: what was one line with the words runs nowhere. */
const blocksOf = ({ html }: Markup): readonly string[] =>
  html.split(codeFigure).flatMap((part, at, parts) => {
    if (at % 3 === 1) return []
    if (at % 3 === 2) return [`\`\`\`${exactText(parts[at - 1] ?? '')}`, exactText(part), '```', '']
    const words = plainText({ html: part })
    return words === '' ? [] : [words, '']
  })

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
