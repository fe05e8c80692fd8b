import { ownSequence } from '../text/escape-controls.ts'
import { cut } from '../text/table.ts'

/**
 * One line at the bottom of a terminal that is redrawn while something runs; what is over within a tenth of a
 * second never shows. Does nothing where there is no terminal.
 */
export interface LiveLine {
  /**
   * Shows what runs now; the function is asked again several times a second, for a text of at most so many
   * cells.
   */
  show(text: (width: number) => string): void
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
  let shown = (_width: number): string => ''
  let frame = -1
  const draw = (): void => {
    frame = (frame + 1) % FRAMES.length
    const width = (stream.columns || 80) - 4
    stream.write(`${ERASE} ${FRAMES[frame]} ${cut(shown(width), width)}`)
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
      if (frame >= 0) stream.write(ERASE)
      frame = -1
    },
  }
}
