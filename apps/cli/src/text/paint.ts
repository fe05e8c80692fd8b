import { ownSequence } from './escape-controls.ts'

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

/**
 * Creates the colours of one stream. Only `escapeControls`, at the way out, makes them those of a terminal.
 */
export function createPaint(enabled: boolean): Paint {
  const colour = (open: number, close: number): Colour => {
    if (!enabled) return (text) => text
    const begin = ownSequence(open, 'm')
    const end = ownSequence(close, 'm')
    // A colour within this one ends with `end` too, also where both are weights: then this one begins again.
    const again = close === WEIGHT_END ? end + begin : begin
    return (text) => `${begin}${text.replaceAll(end, again)}${end}`
  }
  return {
    bold: colour(1, WEIGHT_END),
    dim: colour(2, WEIGHT_END),
    red: colour(31, COLOUR_END),
    green: colour(32, COLOUR_END),
    yellow: colour(33, COLOUR_END),
    cyan: colour(36, COLOUR_END),
  }
}

const WEIGHT_END = 22
const COLOUR_END = 39
