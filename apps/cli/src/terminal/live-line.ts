import { ownSequence } from '../text/escape-controls.ts'
import { cut } from '../text/table.ts'

/**
 * One line, or several, at the bottom of a terminal that are redrawn while something runs; what is over within a
 * tenth of a second never shows. Does nothing where there is no terminal.
 */
export interface LiveLine {
  /**
   * Shows what runs now; the function is asked again several times a second, for a text of at most so many
   * cells, and of at most so many lines.
   */
  show(text: (width: number, height: number) => string): void
  /** Takes the line away, so that other output can be written; {@link show} brings it back. */
  hide(): void
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const INTERVAL_MS = 100
/** Goes back to the first column and clears the line. */
const ERASE = ownSequence(2, 'K')

/** Creates a {@link LiveLine} on a stream. */
export function createLiveLine(stream: NodeJS.WriteStream, enabled: boolean): LiveLine {
  if (!enabled) return { show: () => {}, hide: () => {} }
  let timer: NodeJS.Timeout | undefined
  let shown = (_width: number, _height: number): string => ''
  let frame = -1
  let drawn = 1
  const erase = (): string =>
    drawn > 1 ? `${ownSequence(drawn - 1, 'A')}${ERASE}${ownSequence(0, 'J')}` : ERASE
  const draw = (): void => {
    frame = (frame + 1) % FRAMES.length
    const width = (stream.columns || 80) - 4
    const height = Math.max(1, (stream.rows || 24) - 1)
    const lines = shown(width, height).split('\n').slice(0, height)
    const text = lines.map((line) => cut(line, width)).join('\n   ')
    stream.write(`${erase()} ${FRAMES[frame]} ${text}`)
    drawn = lines.length
  }
  return {
    show: (text) => {
      shown = text
      timer ??= setInterval(draw, INTERVAL_MS).unref()
    },
    hide: () => {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      if (frame >= 0) stream.write(erase())
      frame = -1
      drawn = 1
    },
  }
}
