import picocolors from 'picocolors'

/** Puts colour around a text; the identity when colours are off. Meaning never rests on colour alone. */
export interface Paint {
  readonly bold: Colour
  readonly dim: Colour
  readonly red: Colour
  readonly green: Colour
  readonly yellow: Colour
  readonly cyan: Colour
}

type Colour = (text: string) => string

/** Creates the colours of one stream. */
export function createPaint(enabled: boolean): Paint {
  const { bold, dim, red, green, yellow, cyan } = picocolors.createColors(enabled)
  return { bold, dim, red, green, yellow, cyan }
}
