import { escapeHtml } from './markup.ts'

/** A whole page around its main part; nothing in it is inline, so that the content policy holds. */
export function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/assets/base.css">
<script src="/assets/theme.js"></script>
</head>
<body class="plain">
<main>
${main}
</main>
</body>
</html>
`
}
