import { brandColors } from '#domain/site/brand-colors.ts'

/** The rules of a stylesheet that give pages a brand's colour; nothing where it is no `#rrggbb`. */
export function brandStyles(color: string): string {
  const colors = brandColors(color)
  if (colors === undefined) return ''
  return `
:root {
  --accent: light-dark(${colors.lightText}, ${colors.darkText});
  --button: ${colors.ground};
  --on-button: ${colors.onGround};
}
`
}
