import { html, type Markup, plainText } from '../markup.ts'
import { contents, type DocsPage } from './docs-page.ts'

/** One part of a page as a search finds it. */
interface Entry {
  readonly href: string
  readonly page: string
  readonly title: string
  readonly text: string
}

const mostWords = 8
const mostFound = 20

/** Makes an index of pages: one entry for each of their parts. */
const indexOf = (pages: readonly DocsPage[]): readonly Entry[] =>
  pages.flatMap(({ path, title: page, lead, sections }) => [
    { href: path, page, title: page, text: lead },
    ...sections.map(({ id, title, body }) => ({ href: `${path}#${id}`, page, title, text: textOf(body) })),
  ])

const texts = new WeakMap<Markup, string>()

/** The words of a part; of one that stays the same for everybody they are read once. */
function textOf(body: Markup): string {
  const text = texts.get(body) ?? plainText(body)
  texts.set(body, text)
  return text
}

/** The parts in which every word of a question begins a word, the best first: words of titles weigh most. */
function searchPages(pages: readonly DocsPage[], question: string): readonly Entry[] {
  const words = wordsOf(question).slice(0, mostWords)
  if (words.length === 0) return []
  return indexOf(pages)
    .map((entry) => ({ entry, score: scoreOf(entry, words) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .map(({ entry }) => entry)
}

const mostLetters = 20_000

/** Of a very long part only the beginning is looked through. */
const wordsOf = (text: string): string[] =>
  text
    .slice(0, mostLetters)
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []

function scoreOf({ title, page, text }: Entry, asked: readonly string[]): number {
  const titles = wordsOf(`${title} ${page}`)
  const inside = wordsOf(text)
  let score = 0
  for (const word of asked) {
    const inTitle = titles.includes(word) ? 12 : titles.some((one) => one.startsWith(word)) ? 8 : 0
    const inText = inside.includes(word) ? 2 : inside.some((one) => one.startsWith(word)) ? 1 : 0
    if (inTitle + inText === 0) return 0
    score += inTitle + inText
  }
  return score
}

/** The page of what was found. */
export function searchPage(pages: readonly DocsPage[], question: string): DocsPage {
  const all = searchPages(pages, question)
  const found = all.slice(0, mostFound)
  const [first] = wordsOf(question)
  return {
    path: '/docs/search',
    title: 'Search',
    lead:
      question.trim() === ''
        ? 'Type a word, for example "webhook", "429" or "rotate".'
        : `${all.length === 0 ? 'Nothing' : all.length} found for "${question}"${all.length > mostFound ? `: the ${mostFound} that fit best` : ''}.`,
    sections: [
      {
        id: 'results',
        title: found.length === 0 ? 'All pages' : 'Results',
        body:
          found.length === 0
            ? allPages
            : html`<ol class="found">${found.map(
                (
                  entry,
                ) => html`<li><a href="${entry.href}">${entry.title}</a> <span class="quiet">${entry.page}</span>
<p>${snippet(entry.text, first ?? '')}</p></li>`,
              )}</ol>`,
      },
    ],
  }
}

const allPages = html`<ul>${contents.flatMap(([, links]) =>
  links.map(([path, name]) => html`<li><a href="${path}">${name}</a></li>`),
)}</ul>`

/** A stretch of text around the first place of a word, which is marked; it begins and ends between words. */
function snippet(text: string, word: string): Markup {
  const found = text.toLowerCase().indexOf(word)
  const at = Math.max(found, 0)
  const end = found < 0 ? at : at + word.length
  const start = at < 60 ? 0 : Math.min(at, text.indexOf(' ', at - 60) + 1)
  const blank = text.lastIndexOf(' ', end + 130)
  const stop = text.length <= end + 130 ? text.length : blank > end ? blank : end + 130
  const marked = html`${text.slice(start, at)}<mark>${text.slice(at, end)}</mark>${text.slice(end, stop)}`
  return html`${start > 0 ? '… ' : ''}${found < 0 ? text.slice(start, stop) : marked}${stop < text.length ? ' …' : ''}`
}
