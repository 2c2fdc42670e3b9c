/** What the server wrote into the page; empty where it wrote nothing. */
function written(name: string): string {
  const content = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
  return content.startsWith('__') ? '' : content
}

/** What the product is called here. */
export const brandName = (): string => written('brand') || 'APIGate'

/** Whether people may make accounts by themselves, and not only by invitation. */
export const isRegistrationOpen = (): boolean => written('registration') !== 'closed'

/** The address of its logo; undefined where it has none. */
export const brandLogo = (): string | undefined => written('brand-logo') || undefined

/** Puts the colours of the brand on the page, which theme.css takes where they are there. */
export function wearBrandColors(): void {
  const [ground, onGround, light, dark] = written('brand-colors').split(' ')
  if (ground === undefined || onGround === undefined || light === undefined || dark === undefined) return
  const { style } = document.documentElement
  style.setProperty('--brand-light', light)
  style.setProperty('--brand-dark', dark)
  style.setProperty('--brand-fill', ground)
  style.setProperty('--brand-on-fill', onGround)
  // Away from the colour of the words on it, so that they stay readable.
  const away = onGround === '#ffffff' ? 'black' : 'white'
  style.setProperty('--brand-fill-strong', `color-mix(in srgb, ${ground} 85%, ${away})`)
  style.setProperty('--brand-soft-light', `color-mix(in srgb, ${light} 6%, white)`)
  style.setProperty('--brand-soft-dark', `color-mix(in srgb, ${dark} 4%, #141619)`)
}
