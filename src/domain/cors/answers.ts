import type { CorsRules } from './rules.ts'

const longestAsked = 4_096
const nameList = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+([ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/

/** The header lines, each ended by CRLF, by which a page of this origin may read an answer; without an admitted origin only Vary. */
export function answerLines(rules: CorsRules, origin: string | undefined): string {
  const vary = rules.isForAll ? '' : 'Vary: Origin\r\n'
  const shared = sharedLines(rules, origin)
  return shared === '' ? vary : `${shared}Access-Control-Expose-Headers: ${rules.exposed}\r\n${vary}`
}

/** The lines that answer a preflight of an admitted origin; `asked` is its Access-Control-Request-Headers. */
export function preflightLines(rules: CorsRules, origin: string, asked: string | undefined): string {
  const reflected = asked !== undefined && asked.length <= longestAsked && nameList.test(asked) ? asked : ''
  const headers = rules.headers ?? reflected
  const vary = ['Access-Control-Request-Method', 'Access-Control-Request-Headers']
  return (
    `${sharedLines(rules, origin)}Access-Control-Allow-Methods: ${rules.methods}\r\n` +
    `${headers === '' ? '' : `Access-Control-Allow-Headers: ${headers}\r\n`}` +
    `Access-Control-Max-Age: ${rules.maxAgeSeconds}\r\n` +
    `Vary: ${[...(rules.isForAll ? [] : ['Origin']), ...vary].join(', ')}\r\n`
  )
}

function sharedLines(rules: CorsRules, origin: string | undefined): string {
  if (origin === undefined || !rules.admits(origin)) return ''
  const credentials = rules.allowsCredentials ? 'Access-Control-Allow-Credentials: true\r\n' : ''
  return `Access-Control-Allow-Origin: ${rules.isForAll ? '*' : origin}\r\n${credentials}`
}
