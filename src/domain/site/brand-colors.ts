/** A brand's colour as pages use it: as a ground, with the text on it, and as text on our own grounds. */
export interface BrandColors {
  readonly ground: string
  readonly onGround: string
  /** On light grounds. */
  readonly lightText: string
  /** On dark grounds. */
  readonly darkText: string
}

type Rgb = readonly [red: number, green: number, blue: number]

const black: Rgb = [0, 0, 0]
const white: Rgb = [255, 255, 255]
/** The ground of each theme that is hardest to read on: the raised one. */
const lightGround: Rgb = [0xf0, 0xf0, 0xf2]
const darkGround: Rgb = [0x1d, 0x20, 0x24]
/** What WCAG asks of text. */
const readable = 4.5
const steps = 20

/** The colours of a brand, each readable where it stands; undefined when it is no `#rrggbb`. */
export function brandColors(color: string): BrandColors | undefined {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return undefined
  const own = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb
  return {
    ground: hex(own),
    onGround: hex(contrast(own, white) >= readable ? white : black),
    lightText: hex(towards(own, black, lightGround)),
    darkText: hex(towards(own, white, darkGround)),
  }
}

/** The nearest mixture with black or white that can be read on a ground. */
function towards(own: Rgb, end: Rgb, ground: Rgb): Rgb {
  for (let step = 0; step < steps; step++) {
    const mixed = own.map((part, at) =>
      Math.round(part + (((end[at] ?? 0) - part) * step) / steps),
    ) as unknown as Rgb
    if (contrast(mixed, ground) >= readable) return mixed
  }
  return end
}

/** The contrast of two colours as WCAG 2 defines it, 1 to 21. */
function contrast(one: Rgb, other: Rgb): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`
